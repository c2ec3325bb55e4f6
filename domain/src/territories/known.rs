//! What a comparison looks up: the entries of a vintage, and what is recorded, by key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Entry, Key, Territory, TerritoryId, TerritoryKind, Vintage, VintageRefusal};
use crate::values::Date;

/// The entries by key, wholes first: regions, départements, EPCI, communes, parts of communes.
pub(super) type Listed<'a> = BTreeMap<(u8, Key), &'a Entry>;

/// The entries of a vintage; refused when one stands twice.
pub(super) fn listed(vintage: &Vintage) -> Result<Listed<'_>, VintageRefusal> {
    let mut listed = Listed::new();
    for entry in &vintage.entries {
        let twice = listed.insert(ranked(&entry.key), entry);
        if twice.is_some() {
            return Err(VintageRefusal::Twice {
                key: entry.key.clone(),
            });
        }
    }
    Ok(listed)
}

/// A key with its place among the kinds, larger territories first.
pub(super) fn ranked(key: &Key) -> (u8, Key) {
    let rank = match key.kind {
        TerritoryKind::Region => 0,
        TerritoryKind::Departement => 1,
        TerritoryKind::Epci => 2,
        TerritoryKind::Commune => 3,
        _ => 4,
    };
    (rank, key.clone())
}

/// What is recorded, by key: at most one that has not ended.
pub(super) struct Known<'a> {
    pub(super) living: BTreeMap<Key, &'a Territory>,
    /// Those that ended, for what lists name of the past.
    past: HashMap<Key, TerritoryId>,
    /// The EPCI among the living, and the day for which each is attested.
    pub(super) epci: HashMap<TerritoryId, (Key, Option<Date>)>,
}

impl<'a> Known<'a> {
    pub(super) fn of(recorded: &'a [Territory]) -> Self {
        let (mut living, mut past) = (BTreeMap::new(), HashMap::new());
        let mut epci = HashMap::new();
        for territory in recorded {
            let Some(key) = Key::of(territory) else {
                continue;
            };
            if key.kind == TerritoryKind::Epci {
                epci.insert(territory.id, (key.clone(), territory.attested_on));
            }
            // A code of a list that is over is never given again.
            if territory.ended.is_none() || key.list.is_some() {
                living.insert(key, territory);
            } else {
                past.insert(key, territory.id);
            }
        }
        Self { living, past, epci }
    }

    /// Refused when something is attested later than the vintage, and when a day of change is
    /// given for a commune that nobody knows.
    pub(super) fn allow(
        &self,
        vintage: &Vintage,
        listed: &Listed<'_>,
    ) -> Result<(), VintageRefusal> {
        let kinds: BTreeSet<_> = listed.keys().map(|(_, key)| (key.kind, key.list)).collect();
        let given = vintage.attested_on;
        for (key, territory) in &self.living {
            match territory.attested_on {
                Some(recorded) if recorded > given && kinds.contains(&(key.kind, key.list)) => {
                    let key = key.clone();
                    return Err(VintageRefusal::Older {
                        key,
                        recorded,
                        given,
                    });
                }
                _ => {}
            }
        }
        for code in vintage.days.by_code.keys() {
            let key = Key::new(TerritoryKind::Commune, code.clone());
            let known = self.living.contains_key(&key) || self.past.contains_key(&key);
            if !known && !listed.contains_key(&ranked(&key)) {
                return Err(VintageRefusal::DayOfNobody { code: code.clone() });
            }
        }
        Ok(())
    }
}

/// The id of everything that is recorded or listed; what is new takes one.
pub(super) fn ids(
    known: &Known<'_>,
    listed: &Listed<'_>,
    mut new_id: impl FnMut() -> TerritoryId,
) -> HashMap<Key, TerritoryId> {
    let mut ids: HashMap<Key, TerritoryId> = known.past.clone();
    ids.extend(
        known
            .living
            .iter()
            .map(|(key, territory)| (key.clone(), territory.id)),
    );
    for (_, key) in listed.keys() {
        if !known.living.contains_key(key) {
            ids.insert(key.clone(), new_id());
        }
    }
    ids
}

/// What each territory is part of, from its own entry and from the lists of members.
pub(super) fn links(vintage: &Vintage) -> HashMap<Key, Vec<Key>> {
    let mut links: HashMap<Key, Vec<Key>> = HashMap::new();
    for entry in &vintage.entries {
        let wholes = links.entry(entry.key.clone()).or_default();
        wholes.extend(entry.wholes.iter().cloned());
    }
    for (part, whole) in &vintage.members {
        links.entry(part.clone()).or_default().push(whole.clone());
    }
    links
}
