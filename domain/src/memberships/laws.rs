//! What holds of every membership.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::access::Sway;
use crate::records::{Known, Resource, TieKind};
use crate::relations::{Around, EndOfRelation, Link, Refusal, Rival, Stated};
use crate::values::testing::dates;
use crate::values::{Date, Since};

fn id(number: u128) -> MembershipId {
    MembershipId::new(Uuid::from_u128(number))
}

fn named(of: &str, number: u128) -> Value {
    json!({ "type": of, "id": Uuid::from_u128(number) })
}

/// A membership of one network in another, with more members.
fn said(more: &Value) -> MembershipFields {
    let mut fields = json!({
        "member": named("network", 1), "of": named("network", 2), "category": "adherent",
    });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    serde_json::from_value(fields).unwrap()
}

/// Where all that it names is there.
fn around(fields: &MembershipFields) -> Around {
    let existing = fields.named().into_iter().map(|(_, one)| one);
    Around {
        known: Known {
            existing: existing.collect(),
            ..Known::default()
        },
        ..Around::default()
    }
}

fn recorded(more: &Value) -> Result<Membership, Refusal> {
    let fields = said(more);
    let around = around(&fields);
    Membership::create(id(9), fields, &around)
}

fn days(starts_on: Option<Date>, ends_before: Option<Date>) -> Since {
    Since {
        starts_on,
        ends_before,
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Days from one to a later one.
fn runs() -> impl Strategy<Value = (Date, Date)> {
    let days = prop::collection::btree_set(dates(), 2);
    days.prop_map(|days| (*days.first().unwrap(), *days.last().unwrap()))
}

proptest! {
    #[test]
    fn two_of_one_member_in_one_category_share_no_day(
        (a, b) in runs(), (c, d) in runs(), open in any::<bool>(),
    ) {
        let before = (!open).then_some(b);
        let fields = said(&json!({ "starts_on": a, "ends_before": before }));
        let rival = Rival { id: Uuid::from_u128(8), since: days(Some(c), Some(d)) };
        let around = Around { rivals: vec![rival], ..around(&fields) };

        let apart = d <= a || before.is_some_and(|before| before <= c);
        prop_assert_eq!(Membership::create(id(9), fields, &around).is_ok(), apart);
    }

    #[test]
    fn a_ring_is_closed_on_the_days_that_all_its_links_share(
        runs in prop::collection::vec(runs(), 3),
    ) {
        let since = |run: usize| days(Some(runs[run].0), Some(runs[run].1));
        let fields = said(&json!({ "starts_on": runs[0].0, "ends_before": runs[0].1 }));
        let link = |part, whole, run| Link {
            part: Uuid::from_u128(part), whole: Uuid::from_u128(whole), since: since(run),
        };
        let around = Around { above: vec![link(2, 3, 1), link(3, 1, 2)], ..around(&fields) };
        let from = runs.iter().map(|run| run.0).max();
        let before = runs.iter().map(|run| run.1).min();

        let refused = Membership::create(id(9), fields, &around).err();

        let ring = (from < before).then_some(Refusal::PartOfItself { through: 2 });
        prop_assert_eq!(refused, ring);
    }

    #[test]
    fn it_ends_earlier_than_foreseen_or_not_at_all((from, foreseen) in runs(), end in dates()) {
        let membership = recorded(&json!({ "starts_on": from, "ends_before": foreseen })).unwrap();

        let ended = membership.end(&EndOfRelation { ends_before: end, reason: None });

        match ended {
            Ok(ended) => prop_assert!(from < end && end < foreseen && ended.fields.ends_before == Some(end)),
            Err(Refusal::AlreadyEnded { ends_before }) => prop_assert!(ends_before == foreseen && foreseen <= end),
            Err(_) => prop_assert!(end <= from),
        }
    }
}

#[test]
fn nothing_is_a_member_of_itself() {
    let itself = json!({ "of": named("network", 1) });

    assert_eq!(
        recorded(&itself).err(),
        Some(Refusal::PartOfItself { through: 0 })
    );
}

#[test]
fn a_membership_does_not_stand_in_its_own_way() {
    let membership = recorded(&json!({ "starts_on": "2020-01-01" })).unwrap();
    let fields = said(&json!({ "starts_on": "2019-01-01" }));
    let itself = Rival {
        id: membership.uuid(),
        since: days(Some(day("2020-01-01")), None),
    };
    let around = Around {
        rivals: vec![itself],
        ..around(&fields)
    };

    assert!(membership.change(fields, &around).is_ok());
}

#[test]
fn the_whole_keeps_a_membership_and_the_member_sees_it_on_any_day() {
    let membership = recorded(&json!({ "starts_on": "2020-01-01", "ends_before": "2021-01-01" }));

    let reaching = membership.unwrap().belongs_to();

    let swayed: Vec<_> = reaching
        .iter()
        .map(|(by, _)| (by.by.root(), by.sway))
        .collect();
    let (whole, member) = (Uuid::from_u128(2), Uuid::from_u128(1));
    assert_eq!(
        swayed,
        [(Some(whole), Sway::Full), (Some(member), Sway::Sight)]
    );
    assert!(reaching.iter().all(|(_, since)| *since == Since::ALWAYS));
}

#[test]
fn a_network_is_seen_from_what_it_joined_while_it_is_a_member_and_an_organisation_is_not() {
    let period = json!({ "starts_on": "2020-01-01", "ends_before": "2021-01-01" });
    let member_of = |membership: Membership| {
        let ties = membership.ties().into_iter();
        let mut ties = ties.filter(|tie| tie.kind == TieKind::MemberOf);
        ties.next().unwrap()
    };
    let network = member_of(recorded(&period).unwrap());
    let organisation = member_of(recorded(&json!({ "member": named("organisation", 1) })).unwrap());

    let during = days(Some(day("2020-01-01")), Some(day("2021-01-01")));
    assert_eq!((network.sway, network.since), (Some(Sway::Sight), during));
    assert_eq!(organisation.sway, None);
}
