//! What the targets share: a program to ask, requests to ask it with, and what any refusal must be.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::Uri;
use actix_web::rt::{System, SystemRunner};
use actix_web::test::TestRequest;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use api::access::Keys;
use api::access::issuer::IssuerSettings;
use api::app::{App, Clock, Ids, Limits};
use api::http::asked::Caller;
use api::problem::Problem;
use api::rate::Rates;
use api::words::Language;
use jiff::Timestamp;
use persistence::{Database, Location, Settings};

pub mod signed;

/// When every input comes.
pub const NOW: &str = "2026-11-22T11:30:00Z";

/// The instant at which every input comes.
pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Waits for what waits for nothing but memory.
pub fn done<F: Future>(work: F) -> F::Output {
    thread_local!(static SYSTEM: SystemRunner = System::new());
    SYSTEM.with(|system| system.block_on(work))
}

/// The keys that sign what this program gives.
pub fn keys() -> Keys {
    Keys::new(b"the key of the fuzzing, 32 bytes or more", 900).unwrap()
}

/// The program on an empty base, believing an issuer beside itself.
pub fn program() -> Data<App> {
    let folder = tempfile::tempdir().unwrap().keep();
    let location = Location::Sqlite(folder.join("fuzz.sqlite"));
    let settings = Settings {
        readers: 1,
        writers: 1,
        queue: 8,
        patience: Duration::from_secs(5),
    };
    persistence::create(&location, &settings).unwrap();
    let key_set = folder.join("keys.json");
    std::fs::write(&key_set, signed::key_set()).unwrap();
    let issuer = IssuerSettings {
        url: Some(signed::ISSUER.to_owned()),
        audiences: vec![signed::AUDIENCE.to_owned()],
        keys: Some(key_set.to_str().unwrap().to_owned()),
        ..IssuerSettings::default()
    };
    let app = App::new(
        Database::open(&location, &settings).unwrap(),
        Clock::Fixed(now(), Arc::default()),
        Ids::Random,
        keys(),
        Limits::default(),
        Rates::new(0),
    );
    let issuer = issuer.issuer().unwrap();
    let proxies = vec!["127.0.0.0/8".parse().unwrap()];
    Data::new(app.believing(issuer).behind(proxies))
}

/// What an extractor makes of this query string, of somebody whose token was proved; nothing when
/// there can be no such request.
pub fn asked<T: FromRequest<Error = Problem>>(query: &str) -> Option<Result<T, Problem>> {
    if query.contains('#') {
        return None;
    }
    let uri: Uri = format!("/v1/some?{query}").parse().ok()?;
    Some(extracted(TestRequest::post().uri(&uri.to_string())))
}

/// What an extractor makes of a request of somebody whose token was proved. A refusal is checked.
pub fn extracted<T: FromRequest<Error = Problem>>(request: TestRequest) -> Result<T, Problem> {
    let (request, mut payload): (HttpRequest, Payload) = request.to_http_parts();
    let caller: Result<Caller, Problem> = Ok(Caller::public(now()));
    request.extensions_mut().insert(caller);
    let taken = done(T::from_request(&request, &mut payload));
    if let Err(problem) = &taken {
        check_refusal(problem);
    }
    taken
}

/// A refusal is the caller's fault and is told in both languages.
pub fn check_refusal(problem: &Problem) {
    assert!(problem.status().is_client_error(), "{problem}");
    for language in [Language::French, Language::English] {
        assert_eq!(problem.render(language, "fuzz").status(), problem.status());
    }
}

/// Which of several readers the first byte of an input chooses, a letter each, and the rest.
pub fn chosen<'a, F: Copy>(readers: &[F], input: &'a [u8]) -> Option<(F, &'a [u8])> {
    let (letter, rest) = input.split_first()?;
    let place = usize::from(letter.wrapping_sub(b'a')) % readers.len();
    Some((readers[place], rest))
}
