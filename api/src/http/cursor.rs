//! Places in lists and in the feed, as opaque text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use persistence::changes::Place;
use persistence::page::{After, SortBy};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::words::Request;

/// A row's place in a list, with the order it is a place in.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ListPlace {
    /// The order.
    s: String,
    /// The key in that order.
    k: String,
    /// The id.
    i: Uuid,
}

/// The cursor after a row of a list.
#[must_use]
pub fn of_list(sort: SortBy, after: &After) -> String {
    let place = ListPlace {
        s: name(sort).to_owned(),
        k: after.key.clone(),
        i: after.id,
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).unwrap_or_default())
}

/// The row that a cursor of a list in this order comes after.
pub fn in_list(cursor: &str, sort: SortBy) -> Result<After, Request> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).or(Err(Request::BadCursor))?;
    let place: ListPlace = serde_json::from_slice(&bytes).or(Err(Request::BadCursor))?;
    // PostgreSQL holds no text with this character in it.
    if place.s != name(sort) || place.k.contains('\0') {
        return Err(Request::BadCursor);
    }
    Ok(After {
        key: place.k,
        id: place.i,
    })
}

fn name(sort: SortBy) -> &'static str {
    match sort {
        SortBy::Id => "id",
        SortBy::Name => "name",
    }
}

/// The cursor of a place in the feed, for a reader with these rights.
#[must_use]
pub fn of_feed(place: Place, rights: i64) -> String {
    let numbers = [place.position, place.fingerprint, rights].map(i64::to_be_bytes);
    URL_SAFE_NO_PAD.encode(numbers.concat())
}

/// The place of a cursor in the feed, and the version of the rights it was given for.
pub fn in_feed(cursor: &str) -> Result<(Place, i64), Request> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).or(Err(Request::BadCursor))?;
    let mut numbers = bytes
        .chunks_exact(8)
        .filter_map(|chunk| Some(i64::from_be_bytes(chunk.try_into().ok()?)));
    match (numbers.next(), numbers.next(), numbers.next(), bytes.len()) {
        (Some(position), Some(fingerprint), Some(rights), 24) if position >= 0 => Ok((
            Place {
                position,
                fingerprint,
            },
            rights,
        )),
        _ => Err(Request::BadCursor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_the_same_in_its_own_order_only() {
        let after = After {
            key: "reseda".to_owned(),
            id: Uuid::nil(),
        };
        let cursor = of_list(SortBy::Name, &after);

        assert_eq!(in_list(&cursor, SortBy::Name).unwrap(), after);
        assert!(in_list(&cursor, SortBy::Id).is_err());
        assert!(in_list("?", SortBy::Name).is_err());
    }

    #[test]
    fn a_place_in_the_feed_reads_back_the_same() {
        let place = Place {
            position: 42,
            fingerprint: -7,
        };

        assert_eq!(in_feed(&of_feed(place, 3)).unwrap(), (place, 3));
        assert!(
            in_feed(&of_feed(
                Place {
                    position: -1,
                    ..place
                },
                3
            ))
            .is_err()
        );
        assert!(in_feed("AAAA").is_err());
    }
}
