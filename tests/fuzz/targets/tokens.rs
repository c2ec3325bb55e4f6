//! Tokens, of ours and of the issuer that is believed: none is believed but those that were given.
#![no_main]

use std::sync::LazyLock;

use actix_web::web::Data;
use api::access::prove;
use api::app::App;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fuzz::signed::{GIVEN, by_issuer, pairs};
use fuzz::{check_refusal, chosen, done, program};
use jsonwebtoken::{Algorithm, EncodingKey};
use libfuzzer_sys::fuzz_target;

static PROGRAM: LazyLock<Data<App>> = LazyLock::new(|| {
    let app = program();
    for token in GIVEN.iter() {
        assert!(done(prove(&app, token, "fuzz")).is_ok(), "{token}");
    }
    app
});
static PAIRS: LazyLock<[(Algorithm, EncodingKey); 3]> = LazyLock::new(pairs);

const READERS: [fn(&[u8]); 4] = [token, parts, changed, issued];

fuzz_target!(init: LazyLock::force(&PROGRAM), |input: &[u8]| {
    if let Some((read, token)) = chosen(&READERS, input) {
        read(token);
    }
});

/// A token as it stands in a header.
fn token(text: &[u8]) {
    check(&String::from_utf8_lossy(text));
}

/// Header, claims and signature before they are encoded, a line each.
fn parts(lines: &[u8]) {
    let parts = lines.splitn(3, |byte| *byte == b'\n');
    let parts: Vec<String> = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
    check(&parts.join("."));
}

/// A token that was given, whose first or second part is another.
fn changed(bytes: &[u8]) {
    let Some((which, part)) = bytes.split_first() else {
        return;
    };
    let which = usize::from(*which);
    let mut parts: Vec<String> = GIVEN[which % GIVEN.len()]
        .split('.')
        .map(str::to_owned)
        .collect();
    parts[which / GIVEN.len() % 2] = URL_SAFE_NO_PAD.encode(part);
    check(&parts.join("."));
}

/// What the issuer itself says, whatever it is.
fn issued(claims: &[u8]) {
    let Ok(claims) = serde_json::from_slice(claims) else {
        return;
    };
    // Its elliptic keys only: RSA signs too slowly.
    for (algorithm, key) in &PAIRS[1..] {
        let token = by_issuer(*algorithm, key, &claims);
        if let Err(problem) = done(prove(&PROGRAM, &token, "fuzz")) {
            check_refusal(&problem);
        }
    }
}

fn check(token: &str) {
    match done(prove(&PROGRAM, token, "fuzz")) {
        Ok(_) => assert!(GIVEN.iter().any(|given| given == token), "forged: {token}"),
        Err(problem) => check_refusal(&problem),
    }
}
