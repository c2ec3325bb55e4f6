//! The directory: who works on what, where, as the installation publishes it; and where nobody does.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::records::ResourceType;
use crate::territories::{Extent, Ground, TerritoryId};

/// Where an entry stands in the directory of a place: the smaller the territory through which it covers the
/// place the earlier, then networks before organisations, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    extent: Extent,
    /// The smallest territory through which it covers the place.
    pub through: TerritoryId,
    organisation: bool,
    name: String,
    /// Which record.
    pub id: Uuid,
}

impl Rank {
    /// The type of the record.
    #[must_use]
    pub fn of(&self) -> ResourceType {
        if self.organisation {
            ResourceType::Organisation
        } else {
            ResourceType::Network
        }
    }

    /// All of it but the id, as text in the same order.
    #[must_use]
    pub fn key(&self) -> String {
        let room = u8::from(self.organisation);
        let (extent, through, name) = (self.extent.key(), self.through, &self.name);
        format!("{extent}{through}{room}{name}")
    }

    /// Where an organisation with an address at the place stands, by its folded name.
    #[must_use]
    pub fn of_organisation(ground: &Ground, place: TerritoryId, name: String, id: Uuid) -> Self {
        Self {
            extent: ground.extent(place),
            through: place,
            organisation: true,
            name,
            id,
        }
    }
}

/// A network that works in a territory, with the folded name that it bears.
pub type Works = (Uuid, TerritoryId, String);

/// Networks in their order, each once, by the smallest of the territories in which it works.
#[must_use]
pub fn ranked(networks: Vec<Works>, ground: &Ground) -> Vec<Rank> {
    let mut smallest: BTreeMap<Uuid, Rank> = BTreeMap::new();
    for (id, through, name) in networks {
        let rank = Rank {
            extent: ground.extent(through),
            through,
            organisation: false,
            name,
            id,
        };
        let known = smallest.entry(id).or_insert_with(|| rank.clone());
        if rank < *known {
            *known = rank;
        }
    }
    let mut ranked: Vec<Rank> = smallest.into_values().collect();
    ranked.sort_unstable();
    ranked
}

/// How far networks cover the communes of a territory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// How many communes it has.
    pub communes: usize,
    /// Those that no network covers.
    pub uncovered: BTreeSet<TerritoryId>,
}

impl Coverage {
    /// Of territories whose communes are to be covered, by those in which networks work.
    #[must_use]
    pub fn of(
        asked: &BTreeSet<TerritoryId>,
        worked_in: &BTreeSet<TerritoryId>,
        ground: &Ground,
    ) -> Self {
        let communes = ground.communes_of(asked);
        let covered = ground.communes_of(worked_in);
        Self {
            communes: communes.len(),
            uncovered: communes.difference(&covered).copied().collect(),
        }
    }

    /// How many communes some network covers.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.communes.saturating_sub(self.uncovered.len())
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;
    use crate::territories::TerritoryKind;

    fn id(number: u128) -> TerritoryId {
        TerritoryId::new(Uuid::from_u128(number))
    }

    /// Communes 1 to 20, the first of which make up the EPCI 101, all the département 102 of the région 103.
    fn ground(of_epci: u128) -> Ground {
        let mut ground = Ground::default();
        ground.know(id(101), TerritoryKind::Epci);
        ground.know(id(103), TerritoryKind::Region);
        ground.hold(id(103), id(102), TerritoryKind::Departement);
        for commune in 1..=20 {
            ground.hold(id(102), id(commune), TerritoryKind::Commune);
            if commune <= of_epci {
                ground.hold(id(101), id(commune), TerritoryKind::Commune);
            }
        }
        ground
    }

    fn works() -> impl Strategy<Value = Vec<Works>> {
        let territories = prop::sample::select(vec![1, 101, 102, 103]);
        let one = (1_u128..8, territories, "[a-c ]{0,3}");
        let one = one
            .prop_map(|(network, territory, name)| (Uuid::from_u128(network), id(territory), name));
        prop::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn each_network_stands_once_at_the_smallest_territory_in_which_it_works(all in works()) {
            let ground = ground(5);

            let ranked = ranked(all.clone(), &ground);

            let networks: BTreeSet<Uuid> = all.iter().map(|(network, ..)| *network).collect();
            prop_assert_eq!(ranked.len(), networks.len());
            for rank in ranked {
                let own = all.iter().filter(|(network, ..)| *network == rank.id);
                let least = own.map(|(_, territory, _)| ground.extent(*territory)).min();
                prop_assert_eq!(Some(ground.extent(rank.through)), least);
            }
        }

        #[test]
        fn the_directory_begins_with_the_smallest_territories_and_keys_keep_its_order(all in works()) {
            let ground = ground(5);
            let mut all = ranked(all, &ground);
            all.push(Rank::of_organisation(&ground, id(1), "b".to_owned(), Uuid::from_u128(9)));
            all.sort_unstable();

            for (one, next) in all.iter().zip(all.iter().skip(1)) {
                prop_assert!(ground.extent(one.through) <= ground.extent(next.through));
                prop_assert!((one.key(), one.id) < (next.key(), next.id));
            }
        }

        #[test]
        fn what_is_covered_and_what_is_not_make_up_the_territory(
            of_epci in 1_u128..20, worked_in in prop::collection::btree_set(1_u128..20, 0..8), by_epci in any::<bool>(),
        ) {
            let ground = ground(of_epci);
            let mut worked: BTreeSet<TerritoryId> = worked_in.iter().copied().map(id).collect();
            worked.extend(by_epci.then(|| id(101)));

            let coverage = Coverage::of(&BTreeSet::from([id(103)]), &worked, &ground);

            let covers = |commune: &u128| worked_in.contains(commune) || (by_epci && *commune <= of_epci);
            let left: BTreeSet<TerritoryId> = (1..=20).filter(|one| !covers(one)).map(id).collect();
            prop_assert_eq!(coverage.communes, 20);
            prop_assert_eq!(coverage.covered().saturating_add(left.len()), 20);
            prop_assert_eq!(coverage.uncovered, left);
        }
    }
}
