//! What a vintage changes in what is recorded.
//!
//! A list says what is, never what is not: a territory that it does not give is left as it is,
//! unless the list itself explains what became of it. So an extract harms nothing.

use std::collections::{BTreeSet, HashMap};

use super::known::{Known, Listed, ids, links, listed, ranked};
use super::{
    EndedTerritory, Entry, Key, Territory, TerritoryId, TerritoryKind, TerritoryNames,
    TerritoryPart, Turn, Vintage, VintageRefusal,
};
use crate::values::{Date, Misread, Version};

/// One thing that a vintage changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A territory that was not recorded.
    Create(Territory),
    /// Something else is true of it now.
    Change(Territory),
    /// It is no more.
    End(Territory),
}

/// What a vintage changes, wholes before their parts, and what it leaves alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The changes.
    pub decisions: Vec<Decision>,
    /// How many territories of the list are recorded exactly so.
    pub unchanged: usize,
    /// Recorded territories of the kinds of the list which it neither gives nor explains.
    pub missing: Vec<Key>,
    /// Larger territories that the list names and nobody holds; nothing is said to be part of them.
    pub unlinked: BTreeSet<Key>,
}

/// Compares a vintage with what is recorded: a territory is the same when kind and code are.
///
/// - A commune that the list no longer gives ends when the list says what it became: a part of
///   another commune, or one of its former codes. Its successors are these.
/// - An EPCI that is no longer given ends when all its communes went to others.
/// - A part of a commune that is no longer given ends when its commune is given.
///
/// Refused when something recorded is attested later, when a territory stands twice, when an EPCI
/// has a member that is not known, when a day that was given does not fit.
pub fn compare(
    vintage: &Vintage,
    recorded: &[Territory],
    new_id: impl FnMut() -> TerritoryId,
) -> Result<Comparison, VintageRefusal> {
    let listed = listed(vintage)?;
    let known = Known::of(recorded);
    known.allow(vintage, &listed)?;
    let mut comparing = Comparing {
        vintage,
        ids: ids(&known, &listed, new_id),
        links: links(vintage),
        ended: HashMap::new(),
        begun: HashMap::new(),
        listed,
        known,
        found: Comparison::default(),
    };
    comparing.end_what_is_explained()?;
    comparing.named_are_known()?;
    comparing.create()?;
    comparing.change()?;
    Ok(comparing.found)
}

struct Comparing<'a> {
    vintage: &'a Vintage,
    listed: Listed<'a>,
    known: Known<'a>,
    ids: HashMap<Key, TerritoryId>,
    links: HashMap<Key, Vec<Key>>,
    /// What ends with this vintage: when, and what comes after.
    ended: HashMap<Key, (Turn, Vec<Key>)>,
    /// What others became with this vintage, and when.
    begun: HashMap<Key, Turn>,
    found: Comparison,
}

impl Comparing<'_> {
    fn is_listed(&self, key: &Key) -> bool {
        self.listed.contains_key(&ranked(key))
    }

    fn end_what_is_explained(&mut self) -> Result<(), VintageRefusal> {
        let became = self.became();
        let gone: Vec<(Key, Date)> = self
            .known
            .living
            .iter()
            .filter(|(key, territory)| territory.ended.is_none() && !self.is_listed(key))
            .filter_map(|(key, territory)| Some((key.clone(), territory.attested_on?)))
            .collect();
        let kinds: BTreeSet<_> = self
            .listed
            .keys()
            .map(|(_, key)| (key.kind, key.list))
            .collect();
        for (key, after) in gone {
            if !kinds.contains(&(key.kind, key.list)) && !key.kind.is_within_a_commune() {
                continue;
            }
            let turn = match self.successors(&key, &became) {
                Some(next) => {
                    let codes = std::iter::once(&key.code).chain(next.iter().map(|to| &to.code));
                    self.vintage.turn(codes, after)?.map(|turn| (turn, next))
                }
                None => None,
            };
            match turn {
                Some((turn, next)) => {
                    for to in &next {
                        self.begun.entry(to.clone()).or_insert(turn);
                    }
                    self.ended.insert(key, (turn, next));
                }
                None if kinds.contains(&(key.kind, key.list)) => self.found.missing.push(key),
                None => {}
            }
        }
        Ok(())
    }

    /// The communes that others became, by the others' code, as the list says it.
    fn became(&self) -> HashMap<Key, Vec<Key>> {
        let mut became: HashMap<Key, Vec<Key>> = HashMap::new();
        let mut say = |from: Key, to: &Key| {
            let next = became.entry(from).or_default();
            if !next.contains(to) {
                next.push(to.clone());
            }
        };
        for entry in self.listed.values() {
            if entry.key.kind.is_within_a_commune() {
                for whole in &entry.wholes {
                    say(entry.key.as_a(TerritoryKind::Commune), whole);
                }
            }
            for former in &entry.former_codes {
                say(Key::new(TerritoryKind::Commune, former.clone()), &entry.key);
            }
        }
        became
    }

    /// What came after a territory that is no longer given; nothing when the list does not say.
    fn successors(&self, key: &Key, became: &HashMap<Key, Vec<Key>>) -> Option<Vec<Key>> {
        match key.kind {
            TerritoryKind::Commune => became.get(key).cloned(),
            TerritoryKind::Epci => self.went_to(key),
            kind if kind.is_within_a_commune() => {
                let part = self.known.living.get(key)?;
                let of_listed = |(whole, territory): (&Key, &&Territory)| {
                    let is_whole = part.part_of.iter().any(|link| link.whole == territory.id);
                    is_whole && (self.is_listed(whole) || became.contains_key(whole))
                };
                let communes = self.known.living.iter();
                let explained = communes
                    .filter(|(whole, _)| whole.kind == TerritoryKind::Commune)
                    .any(of_listed);
                let others = [
                    TerritoryKind::Commune,
                    TerritoryKind::CommuneDeleguee,
                    TerritoryKind::CommuneAssociee,
                ];
                let next = others.map(|other| key.as_a(other)).into_iter();
                let new =
                    next.filter(|to| self.is_listed(to) && !self.known.living.contains_key(to));
                explained.then(|| new.collect())
            }
            _ => None,
        }
    }

    /// The EPCI that the communes of one which is no longer given are members of, when every one of
    /// them is, or is no more.
    fn went_to(&self, key: &Key) -> Option<Vec<Key>> {
        let epci = self.known.living.get(key)?;
        let mut went_to = BTreeSet::new();
        for (part, territory) in &self.known.living {
            let mut links = territory.part_of.iter();
            if !links.any(|link| link.whole == epci.id && link.end().is_none()) {
                continue;
            }
            let wholes = self.links.get(part).into_iter().flatten();
            let mut to = wholes
                .filter(|whole| whole.kind == TerritoryKind::Epci)
                .peekable();
            // Communes come before EPCI among the keys, so that their ends are known by now.
            if to.peek().is_none() && !self.ended.contains_key(part) {
                return None;
            }
            went_to.extend(to.cloned());
        }
        (!went_to.is_empty()).then(|| went_to.into_iter().collect())
    }

    fn named_are_known(&self) -> Result<(), VintageRefusal> {
        let members = self.vintage.members.iter();
        let named = members.map(|(part, whole)| (whole, part));
        let districts = self
            .listed
            .values()
            .filter(|entry| entry.key.list.is_some());
        let communes =
            districts.flat_map(|entry| entry.wholes.iter().map(|whole| (&entry.key, whole)));
        for (key, missing) in named.chain(communes) {
            if self.id_of(missing).is_none() {
                let (key, missing) = (key.clone(), missing.clone());
                return Err(VintageRefusal::Unknown { key, missing });
            }
        }
        Ok(())
    }

    fn create(&mut self) -> Result<(), VintageRefusal> {
        let new: Vec<&Entry> = self
            .listed
            .values()
            .filter(|entry| !self.known.living.contains_key(&entry.key))
            .copied()
            .collect();
        for entry in new {
            let start = entry
                .starts_on
                .map(Turn::On)
                .or_else(|| self.beginning(entry));
            let names = TerritoryNames::one(entry.name.clone()).map_err(misread(&entry.key))?;
            let id = self.ids.get(&entry.key).copied();
            let Some(id) = id else { continue };
            let end = entry.ends_before.map(Turn::On);
            let territory = Territory {
                id,
                version: Version::FIRST,
                kind: entry.key.kind,
                code: Some(entry.key.code.clone()),
                vintage: entry.key.list,
                names,
                form: entry.form,
                siren: entry.siren.clone(),
                postcodes: entry.postcodes.clone(),
                population: entry.population,
                part_of: self.parts_of_new(&entry.key, start),
                members: Vec::new(),
                setting: None,
                starts_on: start.and_then(Turn::on),
                starts_between: start.and_then(Turn::between),
                ended: end.map(|turn| EndedTerritory::at(turn, Vec::new())),
                attested_on: Some(self.vintage.attested_on),
                source: Some(self.vintage.source.clone()),
                fictitious: false,
            };
            self.found.decisions.push(Decision::Create(territory));
        }
        Ok(())
    }

    /// When something that was not recorded began, if the list tells it: with the end of what it
    /// comes after. What is only new to us may have existed for ever.
    fn beginning(&self, entry: &Entry) -> Option<Turn> {
        if let Some(turn) = self.begun.get(&entry.key) {
            return Some(*turn);
        }
        if !entry.key.kind.is_within_a_commune() {
            return None;
        }
        let commune = entry.key.as_a(TerritoryKind::Commune);
        if let Some((turn, _)) = self.ended.get(&commune) {
            return Some(*turn);
        }
        // The commune that took others in, under another name: its own former name is now a part's.
        let before = self.known.living.get(&commune)?;
        let lent = before.names.last() == Some(&entry.name) && entry.wholes.contains(&commune);
        self.begun.get(&commune).filter(|_| lent).copied()
    }

    fn parts_of_new(&mut self, key: &Key, start: Option<Turn>) -> Vec<TerritoryPart> {
        let wholes = self.wholes(key).into_iter();
        wholes
            .map(|(id, kind)| TerritoryPart::from(id, kind, start))
            .collect()
    }

    /// What the list says that a territory is part of, as far as that is held.
    fn wholes(&mut self, part: &Key) -> Vec<(TerritoryId, TerritoryKind)> {
        let mut held = Vec::new();
        for whole in self.links.get(part).into_iter().flatten() {
            match self.id_of(whole) {
                Some(whole) => held.push(whole),
                None => {
                    self.found.unlinked.insert(whole.clone());
                }
            }
        }
        held
    }

    /// The territory of a key; for the code of a commune that is none, the district of that code.
    fn id_of(&self, key: &Key) -> Option<(TerritoryId, TerritoryKind)> {
        let district = key.as_a(TerritoryKind::ArrondissementMunicipal);
        let or_district = (key.kind == TerritoryKind::Commune).then_some(&district);
        let mut keys = std::iter::once(key).chain(or_district);
        keys.find_map(|key| Some((*self.ids.get(key)?, key.kind)))
    }

    fn change(&mut self) -> Result<(), VintageRefusal> {
        let living: Vec<(Key, &Territory)> = self
            .known
            .living
            .iter()
            .map(|(key, territory)| (key.clone(), *territory))
            .collect();
        for (key, before) in living {
            let entry = self.listed.get(&ranked(&key)).copied();
            let end = self.ended.get(&key).cloned();
            let is_end = end.is_some();
            let mut after = self.said_again(before, entry, &key)?;
            after.part_of = self.relinked(before, &key, end.as_ref().map(|(turn, _)| *turn))?;
            if let Some((turn, next)) = end {
                let next = next.iter().filter_map(|to| self.ids.get(to).copied());
                after.ended = Some(EndedTerritory::at(turn, next.collect()));
            }
            if after == *before {
                let listed = usize::from(entry.is_some());
                self.found.unchanged = self.found.unchanged.saturating_add(listed);
                continue;
            }
            after.version = before.version.next();
            if entry.is_some() {
                after.source = Some(self.vintage.source.clone());
            }
            let decided = if is_end {
                Decision::End
            } else {
                Decision::Change
            };
            self.found.decisions.push(decided(after));
        }
        Ok(())
    }

    /// The territory with what its entry says of it.
    fn said_again(
        &self,
        before: &Territory,
        entry: Option<&Entry>,
        key: &Key,
    ) -> Result<Territory, VintageRefusal> {
        let Some(entry) = entry else {
            return Ok(before.clone());
        };
        let names = if before.names.last() == Some(&entry.name) {
            before.names.clone()
        } else {
            let turn = match before.attested_on {
                Some(attested_on) => self.vintage.turn([&key.code], attested_on)?,
                None => None,
            };
            before
                .names
                .renamed(&entry.name, turn)
                .map_err(misread(key))?
        };
        Ok(Territory {
            names,
            form: entry.form,
            siren: entry.siren.clone(),
            postcodes: entry.postcodes.clone(),
            population: entry.population,
            attested_on: Some(self.vintage.attested_on),
            ..before.clone()
        })
    }

    /// What a territory is part of now, and was until then.
    fn relinked(
        &mut self,
        before: &Territory,
        key: &Key,
        end: Option<Turn>,
    ) -> Result<Vec<TerritoryPart>, VintageRefusal> {
        let told = if end.is_some() {
            Vec::new()
        } else {
            self.wholes(key)
        };
        let mut links = Vec::new();
        let mut turned: Vec<(TerritoryKind, Turn)> = Vec::new();
        for link in &before.part_of {
            let is_told = told.iter().any(|(id, _)| *id == link.whole);
            let replaced = told.iter().any(|(_, kind)| *kind == link.kind);
            if link.end().is_some() || is_told {
                links.push(link.clone());
                continue;
            }
            let epci = self.known.epci.get(&link.whole);
            let left = epci.is_some_and(|(epci, _)| self.is_listed(epci));
            if end.is_none() && !replaced && !left {
                links.push(link.clone());
                continue;
            }
            let attested = epci.map_or(before.attested_on, |(_, attested_on)| *attested_on);
            let turn = match (end, attested) {
                (Some(turn), _) => Some(turn),
                (None, Some(after)) => self.vintage.turn([&key.code], after)?,
                (None, None) => None,
            };
            // Without a turn the list corrects what was said of the very same day.
            if let Some(turn) = turn {
                turned.push((link.kind, turn));
                links.push(link.clone().ending(turn));
            }
        }
        for (whole, kind) in told {
            if !links
                .iter()
                .any(|link| link.whole == whole && link.end().is_none())
            {
                let start = turned
                    .iter()
                    .find(|(of, _)| *of == kind)
                    .map(|(_, turn)| *turn);
                links.push(TerritoryPart::from(whole, kind, start));
            }
        }
        Ok(links)
    }
}

fn misread(key: &Key) -> impl FnOnce(Misread) -> VintageRefusal {
    let key = key.clone();
    move |misread| VintageRefusal::Names { key, misread }
}
