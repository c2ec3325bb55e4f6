//! Identifiers, days, languages and the other values that stand in requests as text. What one
//! prints is read as the same, also as JSON.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use api::words::Language;
use domain::access::{CallerId, Role};
use domain::organisations::{IdentifierSystem, OrganisationKind};
use domain::territories::TerritoryCode;
use domain::values::*;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

const READERS: [fn(&str); 25] = [
    read::<Siren>,
    read::<Siret>,
    read::<Finess>,
    read::<Rna>,
    read::<Rpps>,
    read::<InseeCode>,
    read::<Postcode>,
    read::<TerritoryCode>,
    read::<Date>,
    read::<PartialDate>,
    read::<Instant>,
    read::<Email>,
    read::<WebAddress>,
    read::<Phone>,
    read::<Label>,
    read::<Text>,
    read::<System>,
    read::<Code>,
    read::<CallerId>,
    read::<Role>,
    read::<OrganisationKind>,
    read::<IdentifierSystem>,
    preferred,
    folded,
    |text| drop(Misread::find_in(text)),
];

fuzz_target!(|text: &str| {
    for read in READERS {
        read(text);
    }
});

fn read<T>(text: &str)
where
    T: FromStr + Display + Debug + PartialEq + Serialize + DeserializeOwned,
    T::Err: Debug,
{
    let as_json = serde_json::from_value::<T>(text.into());
    let Ok(value) = text.parse::<T>() else {
        assert!(as_json.is_err());
        return;
    };
    assert_eq!(as_json.unwrap(), value);
    assert_eq!(value.to_string().parse::<T>().unwrap(), value);
    let written = serde_json::to_value(&value).unwrap();
    assert_eq!(serde_json::from_value::<T>(written).unwrap(), value);
}

/// A language is found in any text, the same in capitals.
fn preferred(text: &str) {
    let capitals = text.to_ascii_uppercase().replace("Q=", "q=");
    if text == text.to_ascii_lowercase() {
        assert_eq!(Language::preferred(text), Language::preferred(&capitals));
    }
}

/// What is folded once is folded; a folded text has the words of the text.
fn folded(text: &str) {
    let once = fold(text);
    assert_eq!(fold(&once), once);
    assert_eq!(words(&once), words(text));
}
