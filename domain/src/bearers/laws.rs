//! What holds of every bearer.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::access::Sway;
use crate::organisations::OrganisationId;
use crate::records::{Facet, Known, Resource, TieKind};
use crate::relations::{Around, Refusal, Rival, Stated};
use crate::values::testing::dates;
use crate::values::{Date, Since};

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::new(Uuid::from_u128(number))
}

fn said(more: &Value) -> BearerFields {
    let mut fields = json!({ "network": Uuid::from_u128(1), "function": "legal_representation" });
    let more = more.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    serde_json::from_value(fields).unwrap()
}

fn around(fields: &BearerFields) -> Around {
    let existing = fields.named().into_iter().map(|(_, one)| one);
    Around {
        known: Known {
            existing: existing.collect(),
            ..Known::default()
        },
        ..Around::default()
    }
}

fn recorded(more: &Value) -> Result<Bearer, Refusal> {
    let fields = said(more);
    let around = around(&fields);
    Bearer::create(BearerId::new(Uuid::from_u128(9)), fields, &around)
}

/// Where values contradict one another.
fn faults(more: &Value) -> Vec<(String, &'static str)> {
    let Err(Refusal::Values(faults)) = recorded(more) else {
        return Vec::new();
    };
    let told = faults.iter();
    told.map(|fault| (fault.pointer.to_string(), fault.error.code()))
        .collect()
}

fn handed(on: Date) -> HandOver {
    HandOver {
        on,
        organisation: Some(organisation(3)),
        autonomous: false,
        interim: false,
        reason: None,
        review_on: None,
    }
}

fn hand(
    present: &Bearer,
    said: &HandOver,
    rivals: Vec<Rival>,
) -> Result<(Bearer, Bearer), Refusal> {
    let next = said.next(&present.fields);
    let around = Around {
        rivals,
        ..around(&next)
    };
    hand_over(
        present.clone(),
        BearerId::new(Uuid::from_u128(10)),
        said,
        &around,
    )
}

proptest! {
    #[test]
    fn after_a_hand_over_one_bears_on_each_day_that_one_bore_before(
        from in dates(), end in prop::option::of(dates()), on in dates(), asked in dates(),
    ) {
        prop_assume!(end.is_none_or(|end| from < end));
        let present = recorded(&json!({ "organisation": organisation(2), "starts_on": from, "ends_before": end })).unwrap();
        let itself = Rival { id: present.uuid(), since: present.exists() };

        match hand(&present, &handed(on), vec![itself]) {
            Ok((left, next)) => {
                let bears = [&left, &next].map(|one| one.exists().contains(asked));
                prop_assert!(bears != [true, true]);
                prop_assert_eq!(bears.contains(&true), present.exists().contains(asked));
                prop_assert_eq!(bears[1], present.exists().contains(asked) && on <= asked);
            }
            Err(_) => prop_assert!(on <= from || end.is_some_and(|end| end <= on)),
        }
    }
}

#[test]
fn autonomous_is_said_and_not_guessed() {
    assert!(recorded(&json!({ "autonomous": true })).is_ok());
    assert!(recorded(&json!({ "organisation": organisation(2) })).is_ok());
    assert_eq!(
        faults(&json!({})),
        [("/organisation".to_owned(), "required")]
    );
    assert_eq!(
        faults(&json!({ "autonomous": true, "organisation": organisation(2) })),
        [("/autonomous".to_owned(), "contradicts")]
    );
    assert_eq!(
        faults(&json!({ "autonomous": true, "interim": true })),
        [("/interim".to_owned(), "contradicts")]
    );
}

#[test]
fn a_function_is_held_once_on_a_day_whoever_else_holds_the_other_two() {
    let key =
        |function: &str| said(&json!({ "autonomous": true, "function": function })).alone_in();
    let by_another = said(&json!({ "organisation": organisation(2) })).alone_in();

    assert_eq!(key("legal_representation"), by_another);
    assert_ne!(key("financial_management"), by_another);
}

#[test]
fn a_hand_over_stands_beside_no_third_bearer() {
    let present =
        recorded(&json!({ "organisation": organisation(2), "ends_before": "2027-01-01" }));
    let third = Rival {
        id: Uuid::from_u128(11),
        since: Since {
            starts_on: Some("2026-06-01".parse().unwrap()),
            ends_before: None,
        },
    };

    let refused = hand(
        &present.unwrap(),
        &handed("2026-01-01".parse().unwrap()),
        vec![third],
    );

    assert_eq!(
        refused,
        Err(Refusal::Overlapping {
            with: vec![third.id]
        })
    );
}

#[test]
fn a_review_is_due_from_its_day_on_while_the_function_is_held() {
    let fields = said(&json!({
        "organisation": organisation(2), "review_on": "2026-01-01", "ends_before": "2027-01-01",
    }));

    let spans = fields.spans();

    let since = Since::new("2026-01-01".parse().ok(), "2027-01-01".parse().ok()).unwrap();
    assert_eq!(spans, [(Facet::Review, "due".to_owned(), since)]);
    assert_eq!(
        faults(
            &json!({ "autonomous": true, "starts_on": "2026-01-02", "review_on": "2026-01-01" })
        ),
        [("/review_on".to_owned(), "not_in_order")]
    );
}

#[test]
fn who_bears_a_network_sees_it_while_it_does_and_its_own_bearing_always() {
    let bearer = recorded(&json!({ "organisation": organisation(2), "ends_before": "2020-01-01" }));
    let ties = bearer.unwrap().ties();

    let told: Vec<_> = ties
        .iter()
        .map(|tie| (tie.kind, tie.sway, tie.since.ends_before))
        .collect();
    assert_eq!(
        told,
        [
            (TieKind::Network, Some(Sway::Full), None),
            (TieKind::Organisation, Some(Sway::Sight), None),
            (
                TieKind::BorneBy,
                Some(Sway::Sight),
                "2020-01-01".parse().ok()
            ),
        ]
    );
}
