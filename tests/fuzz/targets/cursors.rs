//! Cursors of lists, of histories and of the feed. One is refused, or leads to a place whose cursor
//! leads to the same; one of the feed only when we gave it.
#![no_main]

use api::http::cursor::{
    in_audit, in_feed, in_history, in_list, in_pairs, of_audit, of_feed, of_history, of_list, of_pairs,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fuzz::{check_refusal, chosen, keys};
use libfuzzer_sys::fuzz_target;
use persistence::page::SortBy;

const READERS: [fn(&[u8]); 4] = [list, pairs_and_history, feed, sealed];

fuzz_target!(|input: &[u8]| {
    if let Some((read, cursor)) = chosen(&READERS, input) {
        read(cursor);
    }
});

fn list(place: &[u8]) {
    let cursors = [
        URL_SAFE_NO_PAD.encode(place),
        String::from_utf8_lossy(place).into_owned(),
    ];
    for cursor in cursors {
        for sort in [SortBy::Id, SortBy::Name] {
            if let Ok(after) = in_list(&cursor, sort) {
                assert_eq!(in_list(&of_list(sort, &after), sort).unwrap(), after);
            }
        }
    }
}

fn pairs_and_history(cursor: &[u8]) {
    let cursor = String::from_utf8_lossy(cursor);
    if let Ok((one, other)) = in_pairs(&cursor) {
        assert_eq!(of_pairs(one, other), cursor);
    }
    if let Ok(place) = in_audit(&cursor) {
        assert_eq!(of_audit(place), cursor);
        assert!(domain::values::Instant::try_from(place.at).is_ok());
    }
    if let Ok(version) = in_history(&cursor) {
        assert_eq!(of_history(version), cursor);
    }
}

/// No text but one that we gave leads anywhere.
fn feed(cursor: &[u8]) {
    match in_feed(&String::from_utf8_lossy(cursor), &keys()) {
        Ok(standing) => assert_eq!(of_feed(standing, &keys()).unwrap().as_bytes(), cursor),
        Err(problem) => check_refusal(&problem),
    }
}

/// What stands under our seal leads to one place at most, and nowhere once a byte of it is altered.
fn sealed(said: &[u8]) {
    let keys = keys();
    let mut bytes = said.to_vec();
    bytes.extend(keys.seal(said).unwrap());
    let cursor = URL_SAFE_NO_PAD.encode(&bytes);
    let Ok(standing) = in_feed(&cursor, &keys) else {
        return;
    };
    assert_eq!(of_feed(standing, &keys).unwrap(), cursor);
    let altered = usize::from(said[7]) % bytes.len();
    bytes[altered] ^= 1;
    assert!(in_feed(&URL_SAFE_NO_PAD.encode(&bytes), &keys).is_err());
}
