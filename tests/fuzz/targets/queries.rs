//! Query strings, as every list, every read and every write takes them, and the form that asks for
//! a token. Written another way, with every sign escaped, the same is taken or refused.
#![no_main]

use actix_web::FromRequest;
use api::access::grants::GrantQuery;
use api::access::sessions::LogOutQuery;
use api::access::tokens::TokenRequest;
use api::accounts::AccountQuery;
use api::audit::AuditQuery;
use api::changes::ChangesQuery;
use api::clients::ClientQuery;
use api::code_lists::CodeListQuery;
use api::duplicates::PairsQuery;
use api::http::asked::{Wary, Writing};
use api::http::list::Asked;
use api::http::query::{Nothing, Query};
use api::http::records::{HistoryQuery, MomentQuery};
use api::imports::resource::{ImportQuery, ImportsQuery, ReportQuery};
use api::organisations::{OneOrganisationQuery, OrganisationQuery};
use api::problem::Problem;
use api::territories::TerritoryQuery;
use fuzz::{asked, check_refusal, chosen};
use libfuzzer_sys::fuzz_target;

const READERS: [fn(&str) -> Option<bool>; 20] = [
    taken::<Asked<OrganisationQuery>>,
    taken::<Asked<TerritoryQuery>>,
    taken::<Asked<ClientQuery>>,
    taken::<Asked<GrantQuery>>,
    taken::<Asked<AccountQuery>>,
    taken::<Query<OneOrganisationQuery>>,
    taken::<Query<MomentQuery>>,
    taken::<Query<HistoryQuery>>,
    taken::<Query<PairsQuery>>,
    taken::<Query<ChangesQuery>>,
    taken::<Query<AuditQuery>>,
    taken::<Query<CodeListQuery>>,
    taken::<Query<LogOutQuery>>,
    taken::<Query<ImportQuery>>,
    taken::<Query<ImportsQuery>>,
    taken::<Query<ReportQuery>>,
    taken::<Query<Nothing>>,
    taken::<Writing>,
    taken::<Wary>,
    form,
];

fuzz_target!(|input: &[u8]| {
    let Some((read, query)) = chosen(&READERS, input) else {
        return;
    };
    let Ok(query) = std::str::from_utf8(query) else {
        return;
    };
    if let Some(taken) = read(query) {
        assert_eq!(read(&escaped(query)), Some(taken));
    }
});

fn taken<T: FromRequest<Error = Problem>>(query: &str) -> Option<bool> {
    Some(asked::<T>(query)?.is_ok())
}

fn form(text: &str) -> Option<bool> {
    let read = TokenRequest::read(text.as_bytes());
    if let Err(problem) = &read {
        check_refusal(problem);
    }
    Some(read.is_ok())
}

/// The same parameters with every sign of their names and values escaped.
fn escaped(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) => format!("{}={}", signs(name), signs(value)),
        None => signs(pair),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn signs(text: &str) -> String {
    let mut escaped = String::new();
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let told = others.first_chunk().filter(|_| *first == b'%');
        let (byte, others) = match (told.and_then(hexadecimal), first) {
            (Some(byte), _) => (byte, &others[2..]),
            (None, b'+') => (b' ', others),
            (None, other) => (*other, others),
        };
        escaped += &format!("%{byte:02X}");
        rest = others;
    }
    escaped
}

fn hexadecimal(digits: &[u8; 2]) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()
}
