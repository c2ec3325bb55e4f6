//! The same organisation recorded twice: one record folded into the other, and taken back.
//!
//! A fold loses no number and no name: what the folded record bore goes to the survivor with its
//! days. It says nothing of the world, where there always was one organisation; a merger of two is
//! another act.

#[cfg(test)]
mod laws;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    Address, Contact, Identifier, Link, Organisation, OrganisationFields, OrganisationId,
    OtherName, PartOf, Refusal, Wholes,
};
use crate::values::{Date, Since, Text, code_list};

/// Into which record another went.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Folded {
    /// The record that stays.
    pub into: OrganisationId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// What is said when an organisation turns out to be recorded twice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "of": "0198f1c2-7a00-7000-8000-000000000001", "reason": "Typed twice." }))]
pub struct DuplicateOf {
    /// The record that stays.
    pub of: OrganisationId,
    /// Why.
    #[serde(default)]
    pub reason: Option<Text>,
}

/// What is said when two organisations that look alike turn out to be two.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "0198f1c2-7a00-7000-8000-000000000001" }))]
pub struct DistinctFrom {
    /// The other one.
    pub from: OrganisationId,
}

/// The records that a fold, or taking it back, leaves changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The one that goes, or comes back.
    pub folded: Organisation,
    /// The one that stays.
    pub survivor: Organisation,
    /// Those that are or were part of the one that goes.
    pub parts: Vec<Organisation>,
}

/// A record that a fold changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub id: OrganisationId,
    /// As it was before.
    pub before: Organisation,
    /// As the fold left it.
    pub left: Organisation,
    /// As it is now.
    pub now: Found,
}

/// What has become of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    There(Box<Organisation>),
    /// It was folded into another.
    Folded,
    /// It was deleted.
    Deleted,
}

code_list! {
    /// What became of a record that a fold changed or needs, so that it cannot be taken back.
    pub enum Hindrance in "hindrances" {
        /// It was changed since.
        Changed = "changed",
        /// It was folded into another since.
        Folded = "folded",
        /// It is gone.
        Deleted = "deleted",
    }
}

/// Why a fold cannot be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hindered {
    /// The record in the way.
    pub id: OrganisationId,
    /// What became of it.
    pub what: Hindrance,
}

impl From<Hindered> for OrganisationId {
    fn from(hindered: Hindered) -> Self {
        hindered.id
    }
}

/// Two numbers that one organisation cannot have borne on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// That of the record to be folded.
    pub folded: Identifier,
    /// That of the record that would stay.
    pub survivor: Identifier,
}

impl Organisation {
    /// Folds this record into the `survivor`, since both are of one organisation; `parts` are those
    /// that are or were part of this one, `above` is what both are part of, and `levels_below` how
    /// far down the parts of either go.
    ///
    /// The numbers of this one go to the survivor, its names among the `other_names`. What else
    /// the survivor does not say is filled, a whole on the days for which it says none; what it
    /// says stands. Parts become parts of the survivor.
    ///
    /// Refused when both are one record, when the survivor ended, when both bear numbers that
    /// contradict one another on some day, when one is part of the other by whatever way, and when
    /// a list would grow too long.
    pub fn fold(
        self,
        survivor: Self,
        parts: Vec<Self>,
        reason: Option<Text>,
        above: &Wholes,
    ) -> Result<Fold, Refusal> {
        if self.id == survivor.id {
            return Err(Refusal::SameRecord);
        }
        if let Some(ends_before) = survivor.ends_before() {
            return Err(Refusal::SurvivorEnded { ends_before });
        }
        let contradictions = contradictions(&self.fields, &survivor.fields);
        if !contradictions.is_empty() {
            return Err(Refusal::ContradictingIdentifiers { contradictions });
        }
        let (from, into) = (self.id, survivor.id);
        above.as_one(from, into).allow_height(into)?;
        let fields = merged(&self.fields, survivor.fields)?;
        fields.check()?;
        let survivor = Self {
            version: survivor.version.next(),
            fields,
            ..survivor
        };
        let parts = parts.into_iter().map(|part| part.belonging(from, into));
        Ok(Fold {
            survivor,
            parts: parts.collect(),
            folded: Self {
                version: self.version.next(),
                folded: Some(Folded { into, reason }),
                ..self
            },
        })
    }

    /// Takes back the fold of this record, which was so `before` it; `survivor` and `parts` are what
    /// the fold changed, and `above` what this one would again be part of.
    ///
    /// Refused when it is not folded, and while something depends on the fold: what it changed has
    /// been changed or folded since, a whole is gone or ended, or a ring would close.
    pub fn unfold(
        self,
        before: Self,
        survivor: Changed,
        parts: Vec<Changed>,
        above: &Wholes,
    ) -> Result<Fold, Refusal> {
        if self.folded.is_none() {
            return Err(Refusal::NotFolded);
        }
        let mut because: Vec<Hindered> = std::iter::once(&survivor)
            .chain(&parts)
            .filter_map(Changed::hindrance)
            .collect();
        let gone = before.fields.wholes().filter(|whole| !above.holds(*whole));
        because.extend(gone.map(|id| Hindered {
            id,
            what: if above.folded.iter().any(|(folded, _)| *folded == id) {
                Hindrance::Folded
            } else {
                Hindrance::Deleted
            },
        }));
        if !because.is_empty() {
            return Err(Refusal::CannotUnfold {
                because: because.into(),
            });
        }
        let survivor = survivor.restored();
        let parts: Vec<Self> = parts.into_iter().map(Changed::restored).collect();
        let folded = Self {
            version: self.version.next(),
            ..before
        };
        let others: Vec<&Self> = parts.iter().chain([&survivor, &folded]).collect();
        above.with(&others).allow(folded.id, &folded.fields)?;
        Ok(Fold {
            folded,
            survivor,
            parts,
        })
    }

    /// The same, part of `into` on the days on which it is part of `from`.
    fn belonging(mut self, from: OrganisationId, into: OrganisationId) -> Self {
        for part_of in &mut self.fields.part_of {
            if part_of.whole == from {
                part_of.whole = into;
            }
        }
        Self {
            version: self.version.next(),
            ..self
        }
    }

    /// What it is and was part of.
    pub(super) fn links(&self) -> impl Iterator<Item = Link> {
        self.fields.part_of.iter().map(|part_of| Link {
            part: self.id,
            whole: part_of.whole,
            since: part_of.since(),
        })
    }
}

impl Fold {
    /// Whether one of the parts belongs to either record on a day or later. Over one that only once
    /// did, nobody needs a right for its past to be told of the right record.
    #[must_use]
    pub fn concerns(&self, part: &Organisation, day: Date) -> bool {
        let both = [self.folded.id, self.survivor.id];
        let lasts = |end: Option<Date>| end.is_none_or(|end| day < end);
        let mut links = part.links().filter(|link| both.contains(&link.whole));
        lasts(part.ends_before()) && links.any(|link| lasts(link.since.ends_before))
    }
}

impl Changed {
    /// What is in the way of having it again as it was. A change that was itself taken back is not:
    /// what counts is what is said, not how often it was written.
    fn hindrance(&self) -> Option<Hindered> {
        let what = match &self.now {
            Found::There(now) if now.fields == self.left.fields && now.ended == self.left.ended => {
                return None;
            }
            Found::There(_) => Hindrance::Changed,
            Found::Folded => Hindrance::Folded,
            Found::Deleted => Hindrance::Deleted,
        };
        Some(Hindered { id: self.id, what })
    }

    /// As it was before, one version after what it is now.
    fn restored(self) -> Organisation {
        let version = match &self.now {
            Found::There(now) => now.version,
            Found::Folded | Found::Deleted => self.left.version,
        };
        Organisation {
            version: version.next(),
            ..self.before
        }
    }
}

impl Wholes {
    /// The same once two organisations are one.
    fn as_one(&self, from: OrganisationId, into: OrganisationId) -> Self {
        let one = |id| if id == from { into } else { id };
        let links = self.links.iter().map(|link| Link {
            part: one(link.part),
            whole: one(link.whole),
            since: link.since,
        });
        Self {
            existing: self.existing.clone(),
            links: links.collect(),
            levels_below: self.levels_below,
            folded: Vec::new(),
        }
    }

    /// The same where these organisations are part of what they say.
    fn with(&self, others: &[&Organisation]) -> Self {
        let kept = self.links.iter().copied();
        let kept = kept.filter(|link| !others.iter().any(|other| other.id == link.part));
        let said = others.iter().flat_map(|other| other.links());
        Self {
            links: kept.chain(said).collect(),
            ..self.clone()
        }
    }

    /// Refused when an organisation is part of itself on some day, or at the end of too long a chain.
    fn allow_height(&self, id: OrganisationId) -> Result<(), Refusal> {
        for link in self.links.iter().filter(|link| link.part == id) {
            self.allow_link(id, link.whole, link.since)?;
        }
        Ok(())
    }

    fn holds(&self, id: OrganisationId) -> bool {
        self.existing.iter().any(|whole| whole.id == id)
    }
}

/// Every pair of numbers that one organisation cannot have borne on one day.
fn contradictions(
    folded: &OrganisationFields,
    survivor: &OrganisationFields,
) -> Vec<Contradiction> {
    let pairs = folded.identifiers.iter().flat_map(|folded| {
        let contradicting = survivor.identifiers.iter();
        let contradicting = contradicting.filter(|survivor| folded.contradicts(survivor));
        contradicting.map(|survivor| Contradiction {
            folded: folded.clone(),
            survivor: survivor.clone(),
        })
    });
    pairs.collect()
}

/// What is said of the survivor once what was said of the folded record is said of it too.
fn merged(
    folded: &OrganisationFields,
    survivor: OrganisationFields,
) -> Result<OrganisationFields, Refusal> {
    let mut identifiers = survivor.identifiers.clone();
    for number in &folded.identifiers {
        add_number(&mut identifiers, number);
    }
    let mut other_names = survivor.other_names.clone();
    for name in folded.all_names() {
        if !survivor.bears(&name) && !other_names.contains(&name) {
            other_names.push(name);
        }
    }
    let mut part_of = survivor.part_of.clone();
    for belonging in &folded.part_of {
        part_of.extend(outside(belonging, &survivor.part_of));
    }
    let merged = OrganisationFields {
        sectors: or(survivor.sectors, &folded.sectors),
        classifications: or(survivor.classifications, &folded.classifications),
        addresses: or::<Address>(survivor.addresses, &folded.addresses),
        contact: filled(survivor.contact, &folded.contact),
        constituted_on: survivor.constituted_on.or(folded.constituted_on),
        operates_from: survivor.operates_from.or(folded.operates_from),
        identifiers,
        other_names,
        part_of,
        ..survivor
    };
    for (list, count, max) in [
        ("identifiers", merged.identifiers.len(), 200),
        ("other_names", merged.other_names.len(), 200),
        ("part_of", merged.part_of.len(), 50),
    ] {
        if count > max {
            return Err(Refusal::ListTooLong { list, max });
        }
    }
    Ok(merged)
}

fn or<T: Clone>(said: Vec<T>, otherwise: &[T]) -> Vec<T> {
    if said.is_empty() {
        otherwise.to_vec()
    } else {
        said
    }
}

fn filled(said: Contact, otherwise: &Contact) -> Contact {
    let otherwise = otherwise.clone();
    Contact {
        website: said.website.or(otherwise.website),
        email: said.email.or(otherwise.email),
        phone: said.phone.or(otherwise.phone),
    }
}

/// Adds a number; where it is there on some of the same days, one entry holds the days of both.
fn add_number(numbers: &mut Vec<Identifier>, added: &Identifier) {
    let mut added = added.clone();
    let is_same = |added: &Identifier, other: &Identifier| {
        let same = added.system() == other.system() && added.value() == other.value();
        same && added.since().overlaps(other.since())
    };
    while let Some(index) = numbers.iter().position(|other| is_same(&added, other)) {
        let other = numbers.remove(index);
        added = added.during(added.since().hull(other.since()));
    }
    numbers.push(added);
}

/// The days of a belonging on which none of the others holds.
fn outside(belonging: &PartOf, others: &[PartOf]) -> Vec<PartOf> {
    let mut left = vec![belonging.since()];
    for other in others {
        left = left
            .into_iter()
            .flat_map(|since| since.without(other.since()))
            .collect();
    }
    let during = |since: Since| PartOf {
        starts_on: since.starts_on,
        ends_before: since.ends_before,
        ..belonging.clone()
    };
    left.into_iter().map(during).collect()
}

impl OrganisationFields {
    /// Every name it bears or bore, with its days.
    fn all_names(&self) -> Vec<OtherName> {
        let official = self.names.spans().map(|(name, _, until)| OtherName {
            name: name.name.clone(),
            short_name: name.short_name.clone(),
            starts_on: name.starts_on,
            ends_before: until,
        });
        official.chain(self.other_names.iter().cloned()).collect()
    }

    /// Whether its own names hold this one, on all of its days.
    fn bears(&self, other: &OtherName) -> bool {
        let holds = |from: Option<Date>, until: Option<Date>| {
            let begins = from.is_none() || from <= other.starts_on;
            let lasts =
                until.is_none_or(|until| other.ends_before.is_some_and(|ends| ends <= until));
            begins && lasts
        };
        self.names.spans().any(|(name, from, until)| {
            name.name == other.name && name.short_name == other.short_name && holds(from, until)
        })
    }
}
