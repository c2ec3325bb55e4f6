//! What networks share with one another: members, themes, communes.

use std::collections::{BTreeMap, BTreeSet};

use crate::concerns::Theme;
use crate::networks::NetworkId;
use crate::records::RecordRef;
use crate::territories::TerritoryId;

/// What a network has on a day that others may have too, as far as it is in sight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Its members.
    pub members: BTreeSet<RecordRef>,
    /// Its themes.
    pub themes: BTreeSet<Theme>,
    /// The communes of the territories in which it works.
    pub communes: BTreeSet<TerritoryId>,
}

/// What two networks share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Whether one is a member of the other.
    pub joined: bool,
    /// Members of both.
    pub members: BTreeSet<RecordRef>,
    /// Themes of both.
    pub themes: BTreeSet<Theme>,
    /// Communes of both.
    pub communes: BTreeSet<TerritoryId>,
}

/// How strongly two networks hang together: being a member of one another counts before members in common, these
/// before themes, themes before communes, of which a large territory has many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength {
    /// Whether one is a member of the other.
    pub joined: bool,
    /// How many members both have.
    pub members: usize,
    /// How many themes.
    pub themes: usize,
    /// How many communes.
    pub communes: usize,
}

impl Strength {
    /// As text, in whose order of bytes the strongest comes first.
    #[must_use]
    pub fn key(self) -> String {
        let apart = u8::from(!self.joined);
        let lack = |number: usize| 999_999_usize.saturating_sub(number);
        let [members, themes, communes] = [self.members, self.themes, self.communes].map(lack);
        format!("{apart}{members:06}{themes:06}{communes:06}")
    }
}

impl Shared {
    /// What two networks share; nothing when that is nothing.
    #[must_use]
    pub fn between(one: (NetworkId, &Held), other: (NetworkId, &Held)) -> Option<Self> {
        let ((id, held), (other_id, others)) = (one, other);
        let shared = Self {
            joined: others.members.contains(&id.into()) || held.members.contains(&other_id.into()),
            members: &held.members & &others.members,
            themes: &held.themes & &others.themes,
            communes: &held.communes & &others.communes,
        };
        let nothing = Strength {
            joined: false,
            members: 0,
            themes: 0,
            communes: 0,
        };
        (shared.strength() > nothing).then_some(shared)
    }

    /// How strongly they hang together.
    #[must_use]
    pub fn strength(&self) -> Strength {
        Strength {
            joined: self.joined,
            members: self.members.len(),
            themes: self.themes.len(),
            communes: self.communes.len(),
        }
    }
}

/// The networks that share something with one, the strongest first, then in the order of ids.
#[must_use]
pub fn neighbours(of: NetworkId, all: &BTreeMap<NetworkId, Held>) -> Vec<(NetworkId, Shared)> {
    let Some(own) = all.get(&of) else {
        return Vec::new();
    };
    let others = all.iter().filter(|(id, _)| **id != of);
    let shared = others.filter_map(|(id, held)| {
        let shared = Shared::between((of, own), (*id, held))?;
        Some((*id, shared))
    });
    let mut neighbours: Vec<(NetworkId, Shared)> = shared.collect();
    neighbours.sort_by_key(|(id, shared)| (std::cmp::Reverse(shared.strength()), *id));
    neighbours
}

/// Two networks that share something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The one that was recorded first.
    pub one: NetworkId,
    /// The other.
    pub other: NetworkId,
    /// How strongly they hang together.
    pub strength: Strength,
}

/// Every two of some networks that share something, in the order of ids.
#[must_use]
pub fn edges(all: &BTreeMap<NetworkId, Held>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (one, held) in all {
        let later = all.range((std::ops::Bound::Excluded(one), std::ops::Bound::Unbounded));
        edges.extend(later.filter_map(|(other, others)| {
            let shared = Shared::between((*one, held), (*other, others))?;
            Some(Edge {
                one: *one,
                other: *other,
                strength: shared.strength(),
            })
        }));
    }
    edges
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::records::ResourceType;

    fn id(number: u128) -> NetworkId {
        NetworkId::new(Uuid::from_u128(number))
    }

    fn held() -> impl Strategy<Value = Held> {
        let members = prop::collection::btree_set(0_u128..9, 0..4);
        let themes = prop::sample::subsequence(vec![Theme::Addictions, Theme::Cancer], 0..=2);
        let communes = prop::collection::btree_set(0_u128..9, 0..4);
        (members, themes, communes).prop_map(|(members, themes, communes)| {
            // The first are networks, the others organisations.
            let member = |number: u128| RecordRef {
                resource_type: if number < 4 {
                    ResourceType::Network
                } else {
                    ResourceType::Organisation
                },
                id: Uuid::from_u128(number),
            };
            Held {
                members: members.into_iter().map(member).collect(),
                themes: themes.into_iter().collect(),
                communes: communes
                    .into_iter()
                    .map(|one| TerritoryId::new(Uuid::from_u128(one)))
                    .collect(),
            }
        })
    }

    fn networks() -> impl Strategy<Value = BTreeMap<NetworkId, Held>> {
        let all = prop::collection::btree_map(0_u128..6, held(), 0..6);
        all.prop_map(|all| {
            all.into_iter()
                .map(|(number, held)| (id(number), held))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn what_is_shared_has_no_direction(one in held(), other in held()) {
            let (one, other) = ((id(1), &one), (id(2), &other));

            prop_assert_eq!(Shared::between(one, other), Shared::between(other, one));
        }

        #[test]
        fn two_are_neighbours_just_when_an_edge_is_between_them(all in networks()) {
            let edges = edges(&all);

            for of in all.keys() {
                let near = neighbours(*of, &all).into_iter();
                let near: BTreeMap<NetworkId, Strength> =
                    near.map(|(other, shared)| (other, shared.strength())).collect();
                let ends = edges.iter().filter_map(|edge| match edge {
                    edge if edge.one == *of => Some((edge.other, edge.strength)),
                    edge if edge.other == *of => Some((edge.one, edge.strength)),
                    _ => None,
                });
                prop_assert_eq!(near, ends.collect::<BTreeMap<_, _>>());
            }
        }

        #[test]
        fn neighbours_come_the_strongest_first_and_their_keys_keep_that_order(all in networks()) {
            for of in all.keys() {
                let near = neighbours(*of, &all);
                for ((one, shared), (next, less)) in near.iter().zip(near.iter().skip(1)) {
                    prop_assert!(shared.strength() >= less.strength());
                    prop_assert!((shared.strength().key(), one) < (less.strength().key(), next));
                }
            }
        }

        #[test]
        fn a_member_counts_more_than_any_number_of_themes_and_communes(
            communes in 0_usize..40_000, themes in 0_usize..23,
        ) {
            let strength = |joined, members, themes, communes| Strength { joined, members, themes, communes };

            prop_assert!(strength(false, 1, 0, 0) > strength(false, 0, themes, communes));
            prop_assert!(strength(true, 0, 0, 0) > strength(false, 200, themes, communes));
        }
    }
}
