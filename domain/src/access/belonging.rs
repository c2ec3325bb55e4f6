//! What belongs to what, day by day: how far the scope of one record reaches, and to do what.

use std::collections::{BTreeMap, BTreeSet};

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::Scope;
use crate::values::{Date, Since, ValueError};

/// The most levels through which a scope reaches.
pub const MOST_LEVELS: usize = 12;

/// What a role over something means for what belongs to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sway {
    /// Its rights to read.
    Sight,
    /// All its rights.
    Full,
}

/// One record belonging to another for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// What belongs.
    pub part: Uuid,
    /// To what, as a scope.
    pub whole: Scope,
    /// When.
    pub since: Since,
    /// What a role over the whole means for the part.
    pub sway: Sway,
}

/// A scope that reaches a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reached {
    /// By which scope.
    pub by: Scope,
    /// What a role over it means there.
    pub sway: Sway,
}

impl Reached {
    /// Every way in which a scope may reach a record.
    #[must_use]
    pub fn all(by: Scope) -> [Self; 2] {
        [Sway::Sight, Sway::Full].map(|sway| Self { by, sway })
    }
}

/// As it is stored in one word: as the scope is, after `sight:` if it is for that alone.
impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sway {
            Sway::Sight => write!(f, "sight:{}", self.by),
            Sway::Full => self.by.fmt(f),
        }
    }
}

impl FromStr for Reached {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (sway, by) = match text.strip_prefix("sight:") {
            Some(by) => (Sway::Sight, by),
            None => (Sway::Full, text),
        };
        Ok(Self {
            by: by.parse()?,
            sway,
        })
    }
}

/// For each of some records, the scopes that reach it on a day beside its own: everything above it
/// along belongings that hold that day, with what the least of these gives.
///
/// `belongings` must hold all that is above these records.
#[must_use]
pub fn scopes_of(
    records: impl IntoIterator<Item = Uuid>,
    belongings: &[Belonging],
    day: Date,
) -> BTreeMap<Uuid, BTreeSet<Reached>> {
    let mut above: BTreeMap<Uuid, Vec<Reached>> = BTreeMap::new();
    for belonging in belongings.iter().filter(|one| one.since.contains(day)) {
        above.entry(belonging.part).or_default().push(Reached {
            by: belonging.whole,
            sway: belonging.sway,
        });
    }
    records
        .into_iter()
        .map(|record| (record, all_above(record, &above)))
        .collect()
}

fn all_above(record: Uuid, above: &BTreeMap<Uuid, Vec<Reached>>) -> BTreeSet<Reached> {
    let mut reached = BTreeSet::new();
    let mut level = vec![(record, Sway::Full)];
    for _ in 0..MOST_LEVELS {
        let mut next = Vec::new();
        for (part, sway) in level {
            for whole in above.get(&part).into_iter().flatten() {
                let one = Reached {
                    sway: whole.sway.min(sway),
                    ..*whole
                };
                if let Some(root) = one.by.root()
                    && root != record
                    && reached.insert(one)
                {
                    next.push((root, one.sway));
                }
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    let all = reached.clone();
    // Who may do all that a role allows sees it by that already.
    reached.retain(|one| {
        let full = Reached {
            sway: Sway::Full,
            ..*one
        };
        one.sway == Sway::Full || !all.contains(&full)
    });
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
            sway: Sway::Full,
        }
    }

    fn full(number: u128) -> Reached {
        Reached {
            by: scope(number),
            sway: Sway::Full,
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

        assert_eq!(before.get(&one), Some(&BTreeSet::from([full(2)])));
        assert_eq!(during.get(&one), Some(&BTreeSet::from([full(2), full(3)])));
        assert_eq!(after.get(&one), Some(&BTreeSet::from([full(2)])));
    }

    #[test]
    fn who_only_sees_a_whole_only_sees_its_parts_unless_another_way_gives_more() {
        let (from, before) = ("2020-01-01", "2030-01-01");
        let seen = |part, whole| Belonging {
            sway: Sway::Sight,
            ..belonging(part, whole, from, before)
        };
        let below = [
            belonging(1, 2, from, before),
            seen(2, 3),
            belonging(3, 4, from, before),
        ];
        let other_way = [belonging(1, 4, from, before)];
        let (one, day) = (Uuid::from_u128(1), day("2026-11-23"));
        let sight = |number| Reached {
            sway: Sway::Sight,
            ..full(number)
        };

        let seen = scopes_of([one], &below, day);
        let both = scopes_of([one], &[below.as_slice(), &other_way].concat(), day);

        assert_eq!(seen[&one], BTreeSet::from([full(2), sight(3), sight(4)]));
        assert_eq!(both[&one], BTreeSet::from([full(2), sight(3), full(4)]));
    }

    #[test]
    fn what_reaches_a_record_is_read_as_it_is_written() {
        for reached in Reached::all(scope(7)) {
            assert_eq!(reached.to_string().parse(), Ok(reached));
        }
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
                let whole = Reached { by: link.whole, sway: Sway::Full };
                prop_assert!(of_part.contains(&whole));
                prop_assert!(reached[&link.whole.root().unwrap()].is_subset(of_part));
            }
        }
    }
}
