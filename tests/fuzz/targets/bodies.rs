//! JSON bodies, as every kind of request that has one reads them. What was understood, written
//! again, is understood the same.
#![no_main]

use actix_web::http::header;
use actix_web::test::TestRequest;
use api::access::logins::{Activation, ChangeOfPassword};
use api::http::body::Body;
use api::http::reading;
use domain::access::{
    ClientFields, EndOfGrant, NewAccount, NewClient, NewGrant, PersonFields, RotationOfSecret,
};
use domain::organisations::{DistinctFrom, DuplicateOf, EndOfOrganisation, OrganisationFields};
use domain::territories::{EndOfTerritory, TerritoryFields};
use fuzz::{chosen, extracted};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use validator::Validate;

const READERS: [fn(&[u8]); 15] = [
    read::<OrganisationFields>,
    read::<EndOfOrganisation>,
    read::<DuplicateOf>,
    read::<DistinctFrom>,
    read::<TerritoryFields>,
    read::<EndOfTerritory>,
    read::<NewClient>,
    read::<ClientFields>,
    read::<RotationOfSecret>,
    read::<NewGrant>,
    read::<EndOfGrant>,
    read::<NewAccount>,
    read::<PersonFields>,
    read::<Activation>,
    read::<ChangeOfPassword>,
];

fuzz_target!(|input: &[u8]| {
    if let Some((read, json)) = chosen(&READERS, input) {
        read(json);
    }
});

fn read<T: DeserializeOwned + Serialize + Validate + 'static>(json: &[u8]) {
    let request = TestRequest::post()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload(json.to_vec());
    if let Ok(body) = extracted::<Body<T>>(request) {
        let written = serde_json::to_value(&body.value).unwrap();
        let again: T = reading::read(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&again).unwrap(), written);
    }
}
