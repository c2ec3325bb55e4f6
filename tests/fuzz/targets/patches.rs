//! Merge patches on each kind of record that has them. A patch that was applied changes nothing
//! when it comes again.
#![no_main]

use actix_web::http::header;
use actix_web::test::TestRequest;
use api::http::body::Patch;
use domain::access::{ClientFields, PersonFields};
use domain::organisations::OrganisationFields;
use domain::territories::TerritoryFields;
use fuzz::{check_refusal, chosen, extracted};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use validator::Validate;

const PATCHED: [fn(&Patch); 4] = [
    |patch| apply::<OrganisationFields>(patch, organisation()),
    |patch| apply::<TerritoryFields>(patch, territory()),
    |patch| apply::<ClientFields>(patch, json!({ "name": "A", "token_scopes": ["read"] })),
    |patch| apply::<PersonFields>(patch, json!({ "name": "A", "email": "a@example.org" })),
];

fuzz_target!(|input: &[u8]| {
    let Some((apply, json)) = chosen(&PATCHED, input) else {
        return;
    };
    let request = TestRequest::patch()
        .insert_header((header::CONTENT_TYPE, "application/merge-patch+json"))
        .set_payload(json.to_vec());
    if let Ok(patch) = extracted::<Patch>(request) {
        apply(&patch);
    }
});

fn apply<T: DeserializeOwned + Serialize + Validate>(patch: &Patch, present: Value) {
    let present: T = serde_json::from_value(present).unwrap();
    match patch.apply(&present) {
        Err(problem) => check_refusal(&problem),
        Ok(once) => {
            let twice: T = patch.apply(&once).unwrap();
            let written = |fields: &T| serde_json::to_value(fields).unwrap();
            assert_eq!(written(&twice), written(&once));
        }
    }
}

fn organisation() -> Value {
    json!({
        "kind": "association",
        "names": [{ "name": "Réseda", "short_name": "R", "starts_on": "1998-01-01" }],
        "sectors": ["health", "social"],
        "identifiers": [{ "system": "siren", "value": "732829320" }],
        "addresses": [{ "use": "seat", "lines": ["1 rue"], "postcode": "30100", "locality": "Alès", "commune": "30007" }],
        "contact": { "website": "https://example.org", "email": "a@example.org", "phone": "+33466000000" },
        "constituted_on": "1998",
        "part_of": [{ "whole": "0198f1c2-7a00-7000-8000-000000000001", "as": "establishment" }],
        "fictitious": true,
    })
}

fn territory() -> Value {
    json!({
        "kind": "bassin",
        "names": [{ "name": "Bassin d'exemple", "starts_on": "2020-01-01" }],
        "members": [{ "territory": "0198f1c2-7a00-7000-8000-000000000001" }],
        "setting": "rural",
        "fictitious": true,
    })
}
