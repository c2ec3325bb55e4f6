//! What belongs to what, day by day: how far the scope of one record reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use crate::values::{Date, Since};
use uuid::Uuid;

/// The most levels through which a scope reaches.
pub const MOST_LEVELS: usize = 12;

/// One record belonging to another for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// What belongs.
    pub part: Uuid,
    /// To what, as a scope.
    pub whole: Scope,
    /// When.
    pub since: Since,
}

/// For each of some records, the scopes that reach it on a day beside its own: everything above it
/// along belongings that hold that day.
///
/// `belongings` must hold all that is above these records.
#[must_use]
pub fn scopes_of(
    records: impl IntoIterator<Item = Uuid>,
    belongings: &[Belonging],
    day: Date,
) -> BTreeMap<Uuid, BTreeSet<Scope>> {
    let mut above: BTreeMap<Uuid, Vec<Scope>> = BTreeMap::new();
    for belonging in belongings.iter().filter(|one| one.since.contains(day)) {
        above
            .entry(belonging.part)
            .or_default()
            .push(belonging.whole);
    }
    records
        .into_iter()
        .map(|record| (record, all_above(record, &above)))
        .collect()
}

fn all_above(record: Uuid, above: &BTreeMap<Uuid, Vec<Scope>>) -> BTreeSet<Scope> {
    let mut reached = BTreeSet::new();
    let mut level = vec![record];
    for _ in 0..MOST_LEVELS {
        let wholes = level.iter().filter_map(|part| above.get(part)).flatten();
        let new: Vec<Scope> = wholes
            .copied()
            .filter(|whole| whole.root() != Some(record) && reached.insert(*whole))
            .collect();
        if new.is_empty() {
            break;
        }
        level = new.into_iter().filter_map(Scope::root).collect();
    }
    reached
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;
    use crate::organisations::OrganisationId;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn scope(number: u128) -> Scope {
        Scope::Organisation(OrganisationId::new(Uuid::from_u128(number)))
    }

    fn belonging(part: u128, whole: u128, starts_on: &str, ends_before: &str) -> Belonging {
        Belonging {
            part: Uuid::from_u128(part),
            whole: scope(whole),
            since: Since {
                starts_on: Some(day(starts_on)),
                ends_before: Some(day(ends_before)),
            },
        }
    }

    #[test]
    fn a_scope_reaches_through_every_level_that_holds_that_day() {
        let all = [
            belonging(1, 2, "2020-01-01", "2030-01-01"),
            belonging(2, 3, "2024-01-01", "2025-01-01"),
        ];
        let one = Uuid::from_u128(1);

        let before = scopes_of([one], &all, day("2023-12-31"));
        let during = scopes_of([one], &all, day("2024-01-01"));
        let after = scopes_of([one], &all, day("2025-01-01"));

        assert_eq!(before.get(&one), Some(&BTreeSet::from([scope(2)])));
        assert_eq!(
            during.get(&one),
            Some(&BTreeSet::from([scope(2), scope(3)]))
        );
        assert_eq!(after.get(&one), Some(&BTreeSet::from([scope(2)])));
    }

    proptest! {
        #[test]
        fn what_reaches_the_whole_reaches_the_part(links in prop::collection::vec((0_u128..8, 0_u128..8), 0..20)) {
            let all: Vec<Belonging> = links
                .iter()
                .filter(|(part, whole)| part < whole)
                .map(|(part, whole)| belonging(*part, *whole, "2020-01-01", "2030-01-01"))
                .collect();
            let day = day("2026-11-22");

            let reached = scopes_of((0..8).map(Uuid::from_u128), &all, day);

            for link in &all {
                let of_part = &reached[&link.part];
                prop_assert!(of_part.contains(&link.whole));
                prop_assert!(reached[&link.whole.root().unwrap()].is_subset(of_part));
            }
        }
    }
}
