//! The same organisation recorded twice: one record folded into the other, and taken back.
//!
//! A fold loses no number and no name: what the folded record bore goes to the survivor with its
//! days. It says nothing of the world, where there always was one organisation; a merger of two is
//! another act.

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

#[cfg(test)]
mod laws {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::super::IdentifierSystem;
    use super::*;
    use crate::values::testing::{dates, labels, sinces};
    use crate::values::{Label, Version};

    fn id(number: u64) -> OrganisationId {
        OrganisationId::new(Uuid::from_u64_pair(7, number))
    }

    fn said(more: &Value) -> OrganisationFields {
        let mut all = json!({ "kind": "association", "names": [{ "name": "Réseda" }] });
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    fn recorded(number: u64, fields: OrganisationFields) -> Organisation {
        Organisation {
            id: id(number),
            version: Version::FIRST,
            fields,
            ended: None,
            folded: None,
            provenance: Vec::new(),
        }
    }

    fn simple(number: u64) -> Organisation {
        recorded(number, said(&json!({})))
    }

    fn part_of(whole: u64, since: Since) -> PartOf {
        PartOf {
            whole: id(whole),
            part_as: super::super::PartKind::Antenna,
            starts_on: since.starts_on,
            ends_before: since.ends_before,
        }
    }

    const ALWAYS: Since = Since {
        starts_on: None,
        ends_before: None,
    };

    /// Folds the first of some organisations into the second, as the base would.
    fn fold_first(all: &[Organisation]) -> Result<Fold, Refusal> {
        let (folded, survivor) = (all[0].clone(), all[1].clone());
        let is_part = |one: &&Organisation| one.fields.wholes().any(|whole| whole == folded.id);
        let parts = all
            .iter()
            .filter(is_part)
            .filter(|one| one.id != survivor.id);
        let parts = parts.cloned().collect();
        folded.fold(survivor, parts, None, &above(all))
    }

    fn above(all: &[Organisation]) -> Wholes {
        let whole = |one: &Organisation| super::super::Whole {
            id: one.id,
            ends_before: one.ends_before(),
        };
        Wholes {
            existing: all.iter().map(whole).collect(),
            links: all.iter().flat_map(Organisation::links).collect(),
            ..Wholes::default()
        }
    }

    fn changed(before: &Organisation, left: &Organisation) -> Changed {
        Changed {
            id: before.id,
            before: before.clone(),
            left: left.clone(),
            now: Found::There(Box::new(left.clone())),
        }
    }

    /// What is said after a fold was taken back at once.
    fn taken_back(all: &[Organisation], fold: &Fold) -> Result<Fold, Refusal> {
        let before = |one: &Organisation| all.iter().find(|known| known.id == one.id).unwrap();
        let parts = fold.parts.iter().map(|left| changed(before(left), left));
        let survivor = changed(before(&fold.survivor), &fold.survivor);
        let was = before(&fold.folded).clone();
        fold.folded
            .clone()
            .unfold(was, survivor, parts.collect(), &above(all))
    }

    #[test]
    fn a_record_is_not_folded_into_itself_nor_into_what_ended() {
        let ended = Organisation {
            ended: Some(super::super::Ended {
                ends_before: Date::MAX,
                reason: None,
            }),
            ..simple(2)
        };

        assert_eq!(
            fold_first(&[simple(1), simple(1)]),
            Err(Refusal::SameRecord)
        );
        assert_eq!(
            fold_first(&[simple(1), ended]),
            Err(Refusal::SurvivorEnded {
                ends_before: Date::MAX
            })
        );
    }

    #[test]
    fn numbers_that_contradict_one_another_forbid_a_fold() {
        let bearing = |number, siren: &str, ends: Option<&str>| {
            let siren = json!({ "system": "siren", "value": siren, "ends_before": ends });
            recorded(number, said(&json!({ "identifiers": [siren] })))
        };
        let kept = bearing(2, "356000000", None);

        let at_once = fold_first(&[bearing(1, "732829320", Some("2020-01-01")), kept.clone()]);
        let alike = fold_first(&[bearing(1, "356000000", Some("2020-01-01")), kept.clone()]);

        let Err(Refusal::ContradictingIdentifiers { contradictions }) = at_once else {
            panic!("{at_once:?}")
        };
        assert_eq!(contradictions[0].folded.value(), "732829320");
        assert_eq!(contradictions[0].survivor.value(), "356000000");
        assert_eq!(
            alike.unwrap().survivor.fields.identifiers,
            kept.fields.identifiers
        );
    }

    #[test]
    fn what_the_survivor_does_not_say_is_filled_and_what_it_says_stands() {
        let folded = said(&json!({
            "sectors": ["social"],
            "contact": { "website": "https://a.example", "phone": "0466000000" },
            "constituted_on": "1998",
        }));
        let survivor = said(&json!({
            "sectors": ["health"],
            "contact": { "website": "https://b.example" },
        }));

        let kept = fold_first(&[recorded(1, folded), recorded(2, survivor)])
            .unwrap()
            .survivor;

        let kept = serde_json::to_value(kept).unwrap();
        assert_eq!(kept["sectors"], json!(["health"]));
        assert_eq!(kept["contact"]["website"], "https://b.example");
        assert!(kept["contact"]["phone"].is_string());
        assert_eq!(kept["constituted_on"], "1998");
        assert_eq!(kept["other_names"], json!([]));
    }

    #[test]
    fn one_whole_of_both_is_said_once() {
        let part = |number, since: Value| {
            let mut part = since;
            part["whole"] = json!(id(3));
            part["as"] = json!("antenna");
            recorded(number, said(&json!({ "part_of": [part] })))
        };
        let folded = part(
            1,
            json!({ "starts_on": "2010-01-01", "ends_before": "2020-01-01" }),
        );
        let survivor = part(2, json!({ "starts_on": "2015-01-01" }));

        let kept = fold_first(&[folded, survivor, simple(3)]).unwrap().survivor;

        let days: Vec<Since> = kept.fields.part_of.iter().map(PartOf::since).collect();
        let since = |from: &str, until: Option<&str>| Since {
            starts_on: from.parse().ok(),
            ends_before: until.map(|until| until.parse().unwrap()),
        };
        assert_eq!(
            days,
            [
                since("2015-01-01", None),
                since("2010-01-01", Some("2015-01-01"))
            ]
        );
    }

    #[test]
    fn a_part_is_not_folded_into_its_whole_nor_a_whole_into_its_part() {
        let mut part = simple(1);
        part.fields.part_of = vec![part_of(2, ALWAYS)];
        let mut far = simple(3);
        far.fields.part_of = vec![part_of(1, ALWAYS)];

        let into_whole = fold_first(&[part.clone(), simple(2)]);
        let into_part = fold_first(&[simple(2), part.clone()]);
        let over_another = fold_first(&[far, simple(2), part]);

        assert_eq!(
            into_whole,
            Err(Refusal::PartOfItself {
                through: vec![id(2)].into()
            })
        );
        assert_eq!(
            into_part,
            Err(Refusal::PartOfItself {
                through: vec![id(1)].into()
            })
        );
        assert_eq!(
            over_another,
            Err(Refusal::PartOfItself {
                through: vec![id(1), id(2)].into()
            })
        );
    }

    #[test]
    fn a_fold_on_which_something_depends_is_not_taken_back() {
        let all = [simple(1), simple(2)];
        let fold = fold_first(&all).unwrap();
        let with = |now: Found| {
            let survivor = Changed {
                now,
                ..changed(&all[1], &fold.survivor)
            };
            let undone =
                fold.folded
                    .clone()
                    .unfold(all[0].clone(), survivor, Vec::new(), &above(&all));
            match undone {
                Err(refusal) => {
                    let all = refusal.others().into_iter().collect();
                    match refusal.seeing(all) {
                        Refusal::CannotUnfold { because } => {
                            because.seen().iter().map(|one| one.what).collect()
                        }
                        _ => Vec::new(),
                    }
                }
                Ok(_) => Vec::new(),
            }
        };
        let later = Organisation {
            version: Version::new(7),
            fields: said(&json!({ "sectors": ["health"] })),
            ..fold.survivor.clone()
        };
        let as_it_was_left = Organisation {
            version: Version::new(9),
            ..fold.survivor.clone()
        };

        assert_eq!(with(Found::There(Box::new(later))), [Hindrance::Changed]);
        assert_eq!(with(Found::Folded), [Hindrance::Folded]);
        assert_eq!(with(Found::Deleted), [Hindrance::Deleted]);
        assert_eq!(with(Found::There(Box::new(as_it_was_left))), []);
        let never = simple(1).unfold(
            simple(1),
            changed(&all[1], &all[1]),
            Vec::new(),
            &above(&all),
        );
        assert_eq!(never, Err(Refusal::NotFolded));
    }

    #[test]
    fn what_was_part_only_once_is_no_concern_of_a_fold() {
        let today: Date = "2026-11-22".parse().unwrap();
        let until = |day: &str| Since {
            starts_on: None,
            ends_before: Some(day.parse().unwrap()),
        };
        let part = |number, since: Since, ended: Option<&str>| {
            let mut part = simple(number);
            part.fields.part_of = vec![part_of(1, since)];
            part.ended = ended.map(|day| super::super::Ended {
                ends_before: day.parse().unwrap(),
                reason: None,
            });
            part
        };
        let parts = [
            part(3, ALWAYS, None),
            part(4, until("2026-11-23"), None),
            part(5, until("2026-11-22"), None),
            part(6, ALWAYS, Some("2026-11-22")),
        ];
        let all = [&[simple(1), simple(2)], &parts[..]].concat();

        let fold = fold_first(&all).unwrap();
        let back = taken_back(&all, &fold).unwrap();

        for fold in [fold, back] {
            let of = |part| fold.concerns(part, today);
            let concerned: Vec<bool> = fold.parts.iter().map(of).collect();
            assert_eq!(concerned, [true, true, false, false]);
        }
    }

    fn numbers() -> impl Strategy<Value = Vec<Identifier>> {
        let number = prop_oneof![
            Just((IdentifierSystem::Siret, "73282932000074")),
            Just((IdentifierSystem::Siret, "73282932000082")),
            Just((IdentifierSystem::Siren, "732829320")),
            Just((IdentifierSystem::Siren, "356000000")),
            Just((IdentifierSystem::Rna, "W302003454")),
        ];
        let dated = (number, sinces())
            .prop_map(|((system, value), since)| Identifier::new(system, value, since).unwrap());
        prop::collection::vec(dated, 0..5)
    }

    fn named() -> impl Strategy<Value = OrganisationFields> {
        (labels(), labels(), dates(), numbers()).prop_map(|(first, then, from, numbers)| {
            let mut fields = said(&json!({
                "names": [{ "name": first }, { "name": then, "starts_on": from }],
            }));
            fields.identifiers = numbers;
            fields
        })
    }

    /// Five organisations, each part of some others on some days, without contradiction.
    fn families() -> impl Strategy<Value = Vec<Organisation>> {
        let belonging = (0_usize..5, 1_u64..6, sinces());
        prop::collection::vec(belonging, 0..9).prop_map(|belongings| {
            let mut all: Vec<Organisation> = (1..6).map(simple).collect();
            for (part, whole, since) in belongings {
                let one = all[part].clone();
                let mut fields = one.fields.clone();
                fields.part_of.push(part_of(whole, since));
                if one.change(fields, &above(&all)).is_ok() {
                    all[part].fields.part_of.push(part_of(whole, since));
                }
            }
            all
        })
    }

    proptest! {
        #[test]
        fn no_number_and_no_name_is_lost_by_a_fold(folded in named(), survivor in named(), day in dates()) {
            let both = [recorded(1, folded), recorded(2, survivor)];
            prop_assume!(both.iter().all(|one| one.fields.check().is_ok()));
            let Ok(fold) = fold_first(&both) else { return Ok(()) };
            let kept = &fold.survivor.fields;
            let bears = |fields: &OrganisationFields, number: &Identifier| {
                let same = |one: &&Identifier| one.value() == number.value() && one.system() == number.system();
                fields.identifiers.iter().filter(same).any(|one| one.since().contains(day))
            };

            for number in both.iter().flat_map(|one| &one.fields.identifiers) {
                let borne = both.iter().any(|one| bears(&one.fields, number));
                prop_assert_eq!(bears(kept, number), borne);
            }
            let texts: Vec<&Label> = kept.names.iter().map(|name| &name.name)
                .chain(kept.other_names.iter().map(|name| &name.name)).collect();
            for name in both.iter().flat_map(|one| one.fields.names.iter()) {
                prop_assert!(texts.contains(&&name.name));
            }
            prop_assert!(kept.check().is_ok());
        }

        #[test]
        fn taking_back_a_fold_gives_back_both(folded in named(), survivor in named(), mut all in families()) {
            all[0].fields.names = folded.names;
            all[1].fields.names = survivor.names;
            let Ok(fold) = fold_first(&all) else { return Ok(()) };

            let back = taken_back(&all, &fold).unwrap();

            prop_assert_eq!(&back.folded.fields, &all[0].fields);
            prop_assert_eq!(&back.survivor.fields, &all[1].fields);
            prop_assert_eq!((back.folded.version, back.folded.folded), (Version::new(3), None));
            prop_assert_eq!(back.survivor.version, Version::new(3));
            for part in &back.parts {
                let before = all.iter().find(|one| one.id == part.id).unwrap();
                prop_assert_eq!(&part.fields, &before.fields);
            }
        }

        #[test]
        fn after_a_fold_nothing_is_part_of_itself_or_of_two_on_one_day(all in families(), day in dates()) {
            let Ok(fold) = fold_first(&all) else { return Ok(()) };
            let mut after: Vec<Organisation> = all[1..].to_vec();
            for one in &mut after {
                let changed = fold.parts.iter().chain([&fold.survivor]).find(|changed| changed.id == one.id);
                *one = changed.unwrap_or(one).clone();
            }

            for one in &after {
                let wholes: Vec<_> = one.links().filter(|link| link.since.contains(day)).collect();
                prop_assert!(wholes.len() <= 1);
                prop_assert!(one.fields.wholes().all(|whole| whole != fold.folded.id));
                let mut at = one.id;
                for _ in 0..6 {
                    let up = after.iter().filter(|other| other.id == at).flat_map(Organisation::links);
                    let Some(link) = up.into_iter().find(|link| link.since.contains(day)) else { break };
                    at = link.whole;
                    prop_assert_ne!(at, one.id);
                }
            }
        }
    }
}
