//! Which communes territories hold: by them, what covers what is decided.

use std::collections::{BTreeMap, BTreeSet};

use super::{TerritoryId, TerritoryKind};

/// What some territories hold on a day, down to their communes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    kinds: BTreeMap<TerritoryId, TerritoryKind>,
    held: BTreeMap<TerritoryId, BTreeSet<TerritoryId>>,
}

/// How large a territory is beside others, by the communes it holds. A région is larger than whatever is
/// none, and its communes need not be known for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    region: bool,
    communes: usize,
}

impl Extent {
    /// As text whose order of bytes is the order of extents.
    #[must_use]
    pub fn key(self) -> String {
        format!("{}{:06}", u8::from(self.region), self.communes)
    }
}

impl Ground {
    /// Says what a territory is.
    pub fn know(&mut self, territory: TerritoryId, kind: TerritoryKind) {
        self.kinds.insert(territory, kind);
    }

    /// Says that one territory holds another, which is of this kind.
    pub fn hold(&mut self, whole: TerritoryId, part: TerritoryId, kind: TerritoryKind) {
        self.know(part, kind);
        self.held.entry(whole).or_default().insert(part);
    }

    /// Those of some territories that hold others whose holding is yet to be said.
    #[must_use]
    pub fn to_be_opened(&self, of: &BTreeSet<TerritoryId>) -> BTreeSet<TerritoryId> {
        let closed = |id: &&TerritoryId| {
            let kind = self.kinds.get(*id);
            kind.is_some_and(|kind| kind.holds_communes()) && !self.held.contains_key(*id)
        };
        of.iter().filter(closed).copied().collect()
    }

    /// The same, but for régions: how large they are is known.
    #[must_use]
    pub fn to_be_measured(&self, of: &BTreeSet<TerritoryId>) -> BTreeSet<TerritoryId> {
        let mut open = self.to_be_opened(of);
        open.retain(|id| self.kinds.get(id) != Some(&TerritoryKind::Region));
        open
    }

    /// The communes that a territory holds: itself, if it is one. A part of a commune holds none.
    #[must_use]
    pub fn communes(&self, of: TerritoryId) -> BTreeSet<TerritoryId> {
        self.communes_of(&BTreeSet::from([of]))
    }

    /// The communes that some territories hold together.
    #[must_use]
    pub fn communes_of(&self, of: &BTreeSet<TerritoryId>) -> BTreeSet<TerritoryId> {
        let mut communes = BTreeSet::new();
        let mut seen = of.clone();
        let mut open: Vec<TerritoryId> = of.iter().copied().collect();
        while let Some(one) = open.pop() {
            if self.kinds.get(&one) == Some(&TerritoryKind::Commune) {
                communes.insert(one);
            }
            let held = self.held.get(&one).into_iter().flatten();
            open.extend(held.filter(|part| seen.insert(**part)));
        }
        communes
    }

    /// How large a territory is.
    #[must_use]
    pub fn extent(&self, of: TerritoryId) -> Extent {
        Extent {
            region: self.kinds.get(&of) == Some(&TerritoryKind::Region),
            communes: self.communes(of).len(),
        }
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> TerritoryId {
        TerritoryId::new(Uuid::from_u128(number))
    }

    /// Numbers from 1 on are communes; 100 is a bassin of the EPCI 101 and of communes of its own, 102 a
    /// département, 103 its région.
    fn ground(of_epci: &BTreeSet<u128>, of_bassin: &BTreeSet<u128>) -> Ground {
        let mut ground = Ground::default();
        ground.know(id(100), TerritoryKind::Bassin);
        ground.hold(id(100), id(101), TerritoryKind::Epci);
        ground.hold(id(103), id(102), TerritoryKind::Departement);
        ground.know(id(103), TerritoryKind::Region);
        for commune in of_epci.union(of_bassin) {
            ground.hold(id(102), id(*commune), TerritoryKind::Commune);
        }
        for commune in of_epci {
            ground.hold(id(101), id(*commune), TerritoryKind::Commune);
        }
        for commune in of_bassin {
            ground.hold(id(100), id(*commune), TerritoryKind::Commune);
        }
        ground
    }

    fn communes() -> impl Strategy<Value = BTreeSet<u128>> {
        prop::collection::btree_set(1_u128..30, 0..10)
    }

    proptest! {
        #[test]
        fn a_drawn_territory_holds_its_communes_and_those_of_its_epci_each_once(
            of_epci in communes(), of_bassin in communes(),
        ) {
            let ground = ground(&of_epci, &of_bassin);

            let all: BTreeSet<TerritoryId> = of_epci.union(&of_bassin).copied().map(id).collect();
            prop_assert_eq!(ground.communes(id(100)), all.clone());
            prop_assert_eq!(ground.communes(id(103)), all);
        }

        #[test]
        fn what_holds_more_communes_is_larger_and_a_region_larger_than_all(
            of_epci in communes(), of_bassin in communes(),
        ) {
            let ground = ground(&of_epci, &of_bassin);
            let (bassin, epci, region) = (ground.extent(id(100)), ground.extent(id(101)), ground.extent(id(103)));

            prop_assert!(epci <= bassin && bassin < region);
            prop_assert_eq!(epci.cmp(&bassin), epci.key().cmp(&bassin.key()));
            prop_assert!(bassin.key() < region.key());
        }
    }

    #[test]
    fn a_part_of_a_commune_covers_none() {
        let mut ground = ground(&BTreeSet::from([1]), &BTreeSet::new());
        ground.know(id(200), TerritoryKind::Qpv);

        assert_eq!(ground.communes(id(200)), BTreeSet::new());
        assert_eq!(ground.communes(id(1)), BTreeSet::from([id(1)]));
        assert_eq!(
            ground.to_be_opened(&BTreeSet::from([id(1), id(200), id(101)])),
            BTreeSet::new()
        );
        ground.know(id(104), TerritoryKind::Epci);
        assert_eq!(
            ground.to_be_opened(&BTreeSet::from([id(1), id(104)])),
            BTreeSet::from([id(104)])
        );
    }
}
