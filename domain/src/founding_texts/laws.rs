//! What holds of every founding text.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::memberships::Member;
use crate::organisations::OrganisationId;
use crate::records::{Known, RecordRef};
use crate::relations::{Around, Refusal, Stated};
use crate::values::testing::{dates, sinces};
use crate::values::{CodeList, Date, Since};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn organisation(number: u128) -> Value {
    json!({ "type": "organisation", "id": Uuid::from_u128(number) })
}

fn member(number: u128) -> RecordRef {
    Member::Organisation(OrganisationId::new(Uuid::from_u128(number))).record()
}

fn said(more: &Value) -> FoundingTextFields {
    let mut fields = json!({
        "network": Uuid::from_u128(1), "text": "charter", "ends_before": "2022-07-26",
    });
    let more = more.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    serde_json::from_value(fields).unwrap()
}

/// Recorded of a network that works under the article on these days.
fn under(fields: FoundingTextFields, article: Vec<Since>) -> Result<FoundingText, Refusal> {
    let existing = fields.named().into_iter().map(|(_, one)| one);
    let around = Around {
        known: Known {
            existing: existing.collect(),
            ..Known::default()
        },
        met: article,
        ..Around::default()
    };
    FoundingText::create(FoundingTextId::new(Uuid::from_u128(9)), fields, &around)
}

fn faults(more: &Value) -> Vec<(String, &'static str)> {
    let Err(Refusal::Values(faults)) = under(said(more), vec![Since::ALWAYS]) else {
        return Vec::new();
    };
    let told = faults.iter();
    told.map(|fault| (fault.pointer.to_string(), fault.error.code()))
        .collect()
}

#[test]
fn seven_items_are_asked_of_a_charter_and_thirteen_of_a_convention() {
    assert_eq!(RequiredItem::of(FoundingTextKind::Charter).count(), 7);
    assert_eq!(
        RequiredItem::of(FoundingTextKind::ConstitutiveConvention).count(),
        13
    );
}

#[test]
fn a_text_says_once_how_far_each_of_its_own_items_is_and_who_signed() {
    let item = |item: &str| json!({ "item": item, "state": "settled" });

    assert!(faults(&json!({ "items": [item("protocols"), item("no_advertising")] })).is_empty());
    assert_eq!(
        faults(&json!({ "items": [item("protocols"), item("protocols")] })),
        [("/items/1".to_owned(), "contradicts")]
    );
    assert_eq!(
        faults(&json!({ "items": [item("dissolution")] })),
        [("/items/0/item".to_owned(), "contradicts")]
    );
    let signed = json!({ "signatory": organisation(2), "signed_on": "2004-06-15" });
    assert_eq!(
        faults(&json!({ "signatures": [signed, { "signatory": organisation(2) }] })),
        [("/signatures/1".to_owned(), "contradicts")]
    );
    assert_eq!(
        faults(
            &json!({ "signatures": [{ "signatory": organisation(2), "signed_on": "2022-07-26" }] })
        ),
        [("/signatures/0/signed_on".to_owned(), "contradicts")]
    );
}

proptest! {
    #[test]
    fn a_text_is_in_force_only_on_days_on_which_its_network_works_under_the_article(
        text in sinces(), article in prop::collection::vec(sinces(), 0..4), day in dates(),
    ) {
        let fields = FoundingTextFields {
            starts_on: text.starts_on,
            ends_before: text.ends_before,
            ..said(&json!({}))
        };

        match under(fields, article.clone()) {
            Ok(kept) => prop_assert!(
                !kept.fields.since().contains(day) || article.iter().any(|one| one.contains(day))
            ),
            Err(Refusal::ConditionNotMet { met }) => {
                let mut left = vec![text];
                for one in &met {
                    left = left.into_iter().flat_map(|days| days.without(*one)).collect();
                }
                prop_assert!(!left.is_empty());
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn what_is_missing_is_all_that_is_not_settled_and_all_members_who_have_not_signed_by_that_day(
        settled in prop::sample::subsequence(RequiredItem::of(FoundingTextKind::Charter).collect::<Vec<_>>(), 0..=7),
        members in prop::collection::btree_set(0_u128..6, 0..6),
        signed in prop::collection::btree_map(0_u128..6, dates(), 0..6),
        asked in dates(),
    ) {
        let items: Vec<Value> = settled.iter().map(|item| json!({ "item": item, "state": "settled" })).collect();
        let signatures: Vec<Value> = signed.iter()
            .map(|(who, on)| json!({ "signatory": organisation(*who), "signed_on": on })).collect();
        let text = said(&json!({ "items": items, "signatures": signatures, "ends_before": null }));
        let all: BTreeSet<RecordRef> = members.iter().map(|one| member(*one)).collect();

        let told = missing(&text, &all, asked).unwrap();

        for item in RequiredItem::ALL {
            let lacks = item.text() == FoundingTextKind::Charter && !settled.contains(item);
            prop_assert_eq!(told.items.contains(item), lacks);
        }
        for one in 0..6 {
            let has_signed = signed.get(&one).is_some_and(|on| *on <= asked);
            prop_assert_eq!(told.unsigned.contains(&member(one)), members.contains(&one) && !has_signed);
        }
    }
}

#[test]
fn nothing_is_missing_from_a_text_that_is_not_in_force() {
    let text = said(&json!({ "starts_on": "2004-06-15" }));
    let members = BTreeSet::from([member(2)]);

    assert!(missing(&text, &members, day("2004-06-14")).is_none());
    assert!(missing(&text, &members, day("2004-06-15")).is_some());
    assert!(missing(&text, &members, day("2022-07-26")).is_none());
}
