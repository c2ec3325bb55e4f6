//! What an event may say, and of which records.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::records::{Known, RecordRef, ResourceType};
use crate::values::{Date, Since, Version};

fn day(day: &str) -> Date {
    day.parse().unwrap()
}

fn one(number: u128) -> Value {
    json!({ "type": "network", "id": Uuid::from_u128(number) })
}

fn fields(kind: &str, before: &[u128], after: &[u128], on: &str) -> LineageFields {
    let all = |some: &[u128]| some.iter().map(|number| one(*number)).collect::<Vec<_>>();
    serde_json::from_value(json!({
        "kind": kind, "predecessors": all(before), "successors": all(after), "effective_on": on,
    }))
    .unwrap()
}

/// A network that lasts so long.
fn standing(number: u128, starts_on: Option<&str>, ends_before: Option<&str>) -> Standing {
    Standing {
        record: RecordRef {
            resource_type: ResourceType::Network,
            id: Uuid::from_u128(number),
        },
        lasts: Since {
            starts_on: starts_on.map(day),
            ends_before: ends_before.map(day),
        },
        lineage: Lineage::default(),
        parts: Vec::new(),
    }
}

fn record(fields: &LineageFields, standing: &[Standing]) -> Result<LineageEvent, Refusal> {
    let named = fields.named().into_iter().map(|(_, one)| one);
    let known = Known {
        existing: named.collect(),
        ..Known::default()
    };
    let id = LineageEventId::new(Uuid::from_u128(99));
    LineageEvent::record(id, fields.clone(), &known, standing)
}

#[test]
fn a_merger_makes_one_a_split_several_and_a_succession_one_of_one() {
    let all = [1, 2, 3].map(|number| standing(number, None, None));
    for (kind, before, after, allowed) in [
        ("merger", &[1, 2][..], &[3][..], true),
        ("merger", &[1], &[3], true),
        ("merger", &[1], &[2, 3], false),
        ("split", &[1], &[2, 3], true),
        ("split", &[1], &[2], false),
        ("split", &[1, 2], &[3], false),
        ("succession", &[1], &[2], true),
        ("succession", &[1, 2], &[3], false),
        ("merger", &[1, 1], &[3], false),
        ("merger", &[1], &[1], false),
    ] {
        let found = record(&fields(kind, before, after, "2019-01-01"), &all);
        assert_eq!(found.is_ok(), allowed, "{kind} {before:?} {after:?}");
    }
}

#[test]
fn a_predecessor_is_there_on_the_eve_and_a_successor_on_the_day() {
    let event = fields("succession", &[1], &[2], "2019-01-01");
    for (ends_before, starts_on, missing) in [
        (Some("2019-01-01"), Some("2019-01-01"), vec![]),
        (Some("2018-12-31"), Some("2019-01-01"), vec![1]),
        (None, Some("2019-01-02"), vec![2]),
        (Some("2000-01-01"), Some("2020-01-01"), vec![1, 2]),
    ] {
        let all = [standing(1, None, ends_before), standing(2, starts_on, None)];
        let missing: Vec<Uuid> = missing.into_iter().map(Uuid::from_u128).collect();
        let expected = match missing[..] {
            [] => None,
            _ => Some(Refusal::NotThere { records: missing }),
        };
        assert_eq!(record(&event, &all).err(), expected);
    }
}

#[test]
fn events_of_one_record_are_recorded_in_the_order_of_their_days() {
    let early = record(
        &fields("succession", &[1], &[2], "2017-01-01"),
        &[standing(1, None, None), standing(2, None, None)],
    )
    .unwrap();
    let [first, second] = [1, 2].map(|number| {
        let told = early.told_to(Uuid::from_u128(number), Lineage::default());
        Standing {
            lineage: told,
            ..standing(number, None, None)
        }
    });
    let third = standing(3, None, None);

    let again = fields("succession", &[1], &[3], "2022-07-01");
    let before = fields("succession", &[2], &[3], "2016-01-01");
    let same_day = fields("succession", &[2], &[3], "2017-01-01");
    let after = fields("succession", &[2], &[3], "2022-07-01");

    for (event, of) in [(again, &first), (before, &second), (same_day, &second)] {
        let refused = record(&event, &[of.clone(), third.clone()]);
        assert!(
            matches!(refused, Err(Refusal::OutOfOrder { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(
        record(&after, &[second, third]).unwrap().version,
        Version::FIRST
    );
}
