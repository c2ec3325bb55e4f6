//! What holds of every person.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::access::{Action, Role};
use crate::organisations::OrganisationId;
use crate::records::{Carded, Facet, Known, Resource};
use crate::values::testing::dates;
use crate::values::{CodeList, Date, Version};

fn id() -> PersonId {
    PersonId::new(Uuid::from_u128(7))
}

/// What is said of somebody, with these members beside the name.
fn said(more: &Value) -> PersonSaid {
    let mut said = json!({ "family_name": "Introuvable" });
    said.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    serde_json::from_value(said).unwrap()
}

/// Somebody recorded where all that is named is there.
fn recorded(more: &Value) -> Result<Person, Refusal> {
    let said = said(more);
    let existing = said.named().into_iter().map(|(_, one)| one);
    let known = Known {
        existing: existing.collect(),
        ..Known::default()
    };
    Person::create(id(), said, &known)
}

fn contact() -> Value {
    json!({
        "given_name": "Zéphirine", "rpps": "10000000009", "email": "z.introuvable@example.org", "phone": "+33466000000",
    })
}

proptest! {
    #[test]
    fn what_lasts_of_a_person_says_nothing_of_who_it_is(name in "[A-Z]{9}", digits in "[0-9]{11}", from in dates()) {
        let work = json!([{ "organisation": Uuid::from_u128(1), "function": "care", "starts_on": from }]);
        let person = recorded(&json!({
            "given_name": name, "rpps": digits, "email": format!("{name}@example.org"), "works_for": work,
        })).unwrap();

        let stored = serde_json::to_string(&person).unwrap();
        let present = serde_json::to_string(&person.on(from).answer).unwrap();

        for secret in [name.as_str(), digits.as_str(), "Introuvable", "example.org"] {
            prop_assert!(!stored.contains(secret) && !present.contains(secret), "{stored}");
        }
    }

    #[test]
    fn a_person_takes_part_so_on_the_days_said_and_until_the_day_told(from in dates(), asked in dates()) {
        let capacities = json!([{ "capacity": "volunteer", "starts_on": from }]);
        let person = recorded(&json!({ "capacities": capacities })).unwrap();

        let on = person.on(asked);

        prop_assert_eq!(on.answer.takes_part_as.is_empty(), asked < from);
        prop_assert_eq!(on.until, (asked < from).then_some(from));
    }
}

#[test]
fn who_is_put_back_is_who_was_recorded() {
    let person = recorded(&contact()).unwrap();
    let identity = person.identity.clone().unwrap();

    let mut read: Person = serde_json::from_str(&serde_json::to_string(&person).unwrap()).unwrap();
    assert_eq!((read.names(), &read.identity), (None, &None));
    read.identify(identity);

    assert_eq!(read, person);
    assert_eq!(read.said(), Ok(said(&contact())));
}

#[test]
fn nothing_is_left_of_one_who_was_erased_but_what_was_done() {
    let works = json!([{ "organisation": OrganisationId::new(Uuid::from_u128(1)), "starts_on": "2019-01-01" }]);
    let mut more = contact();
    more["works_for"] = works;
    let person = recorded(&more).unwrap();

    let erased = person.clone().erase().unwrap();

    let identity = erased.identity.clone().unwrap();
    assert_eq!(
        (identity.rpps, identity.email, identity.phone),
        (None, None, None)
    );
    let found: Vec<String> = erased.names().unwrap().words();
    assert!(
        !found
            .iter()
            .any(|word| word.contains("introuvable") || word.contains("zephirine"))
    );
    assert!(
        !erased
            .facets()
            .iter()
            .any(|(facet, _)| *facet == Facet::Identifier)
    );
    assert_eq!(
        erased.card(Date::MAX).name.as_str(),
        "Personne effacée 000000000007"
    );
    assert_eq!(
        (erased.occupation, erased.version),
        (person.occupation, Version::new(2))
    );
}

#[test]
fn one_who_was_erased_stays_so() {
    let erased = recorded(&contact()).unwrap().erase().unwrap();

    let known = Known::default();
    assert_eq!(
        erased.clone().change(said(&json!({})), &known),
        Err(Refusal::Erased)
    );
    assert_eq!(erased.said(), Err(Refusal::Erased));
    assert_eq!(erased.clone().erase(), Err(Refusal::Erased));
    assert_eq!(erased.acts(), [Action::DeletePerson]);
}

#[test]
fn nobody_has_one_capacity_twice_on_one_day() {
    let held = |starts: &str| json!({ "capacity": "user", "starts_on": starts, "ends_before": "2021-01-01" });
    let twice = recorded(&json!({ "capacities": [held("2019-01-01"), held("2020-01-01")] }));

    assert!(matches!(twice, Err(Refusal::Values(_))));
}

#[test]
fn a_key_of_rpps_that_does_not_match_is_told_and_kept() {
    let odd = |rpps: &str| {
        let identity = recorded(&json!({ "rpps": rpps })).unwrap().identity;
        identity.unwrap().warnings().len()
    };

    assert_eq!([odd("10000000009"), odd("10000000000")], [0, 1]);
}

#[test]
fn whoever_changes_people_may_read_all_of_them() {
    for role in Role::ALL {
        let may = |action: Action| role.rights().contains(&action);
        assert!(
            !may(Action::ChangePerson) || may(Action::ReadContacts),
            "{role}"
        );
        assert!(
            !may(Action::ReadContacts) || may(Action::ReadPeople),
            "{role}"
        );
    }
}
