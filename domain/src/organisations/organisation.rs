//! An organisation as recorded, and the acts on it.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::parts::lasting_from;
use super::{
    Folded, Link, OrganisationFields, OrganisationState, OtherName, Refusal, Wholes,
    identifier_facet,
};
use crate::access::{Action, Sway};
use crate::imports::Provenance;
use crate::lineage::Lineage;
use crate::records::{
    Card, Carded, Facet, OnDay, Resource, ResourceType, Tie, TieKind, Warning, read_stored,
};
use crate::values::{
    Date, Faults, Id, Label, Names, PartialDate, Pointer, Since, Text, ValueError, Version, words,
};

/// The id of an organisation.
pub type OrganisationId = Id<Organisation>;

/// An organisation as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Organisation {
    /// Its name for ever.
    pub id: OrganisationId,
    /// How many times it was written.
    pub version: Version,
    /// What is said of it.
    #[serde(flatten)]
    pub fields: OrganisationFields,
    /// Its end, if it ended.
    pub ended: Option<Ended>,
    /// The record it was folded into, once it was found to be recorded twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<Folded>,
    /// The rows it was last written from, when it came by an import; the server keeps them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(read_only)]
    pub provenance: Vec<Provenance>,
    /// What it comes from and what became of it.
    #[serde(flatten)]
    pub lineage: Lineage,
}

/// What the server keeps of an organisation.
#[derive(Deserialize)]
struct KeptOfOrganisation {
    id: OrganisationId,
    version: Version,
    ended: Option<Ended>,
    folded: Option<Folded>,
    #[serde(default)]
    provenance: Vec<Provenance>,
    #[serde(flatten)]
    lineage: Lineage,
}

impl<'de> Deserialize<'de> for Organisation {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (kept, fields): (KeptOfOrganisation, _) = read_stored(from)?;
        Ok(Self {
            id: kept.id,
            version: kept.version,
            fields,
            ended: kept.ended,
            folded: kept.folded,
            provenance: kept.provenance,
            lineage: kept.lineage,
        })
    }
}

/// What an import says of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What is said of it.
    pub fields: OrganisationFields,
    /// Its end, if it ended.
    pub ended: Option<Ended>,
    /// The row that says so.
    pub provenance: Provenance,
}

/// The end of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Ended {
    /// The first day on which it no longer exists.
    pub ends_before: Date,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// What is said when an organisation ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ends_before": "2027-01-01", "reason": "Merged into another." }))]
pub struct EndOfOrganisation {
    /// The first day on which it no longer exists: "until 31 December 2026" is 2027-01-01.
    pub ends_before: Date,
    /// Why it ended.
    #[serde(default)]
    pub reason: Option<Text>,
}

/// What is true of an organisation on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct OrganisationPresent {
    /// The name it bears that day; before its first name, that one.
    pub name: Label,
    /// The acronym or usual short name it bears that day.
    pub short_name: Option<Label>,
    /// Where it stands in its life that day.
    pub state: OrganisationState,
}

impl Organisation {
    /// Records an organisation.
    ///
    /// Refused when values contradict one another: names out of order, two SIREN on one day, a
    /// SIRET of another SIREN, part of two organisations on one day; when a whole does not exist or
    /// ended too early; when it would be part of itself.
    pub fn create(
        id: OrganisationId,
        fields: OrganisationFields,
        wholes: &Wholes,
    ) -> Result<Self, Refusal> {
        Self {
            id,
            version: Version::FIRST,
            fields,
            ended: None,
            folded: None,
            provenance: Vec::new(),
            lineage: Lineage::default(),
        }
        .allowed(wholes)
    }

    /// Records an organisation from a row of a file. Refused as when recording, and when it would
    /// end before it began.
    pub fn create_imported(
        id: OrganisationId,
        said: Imported,
        wholes: &Wholes,
    ) -> Result<Self, Refusal> {
        Self {
            ended: said.ended,
            provenance: vec![said.provenance],
            ..Self::create(id, said.fields, wholes)?
        }
        .begins_before_it_ends("ends_before")
    }

    /// Changes what is said of it and its end as a row of a file says. Refused as when changing and
    /// when ending.
    pub fn change_imported(
        self,
        said: Imported,
        wholes: &Wholes,
        parts: &[Link],
    ) -> Result<Self, Refusal> {
        if let Some(ended) = &said.ended {
            let parts = lasting_from(ended.ends_before, parts);
            if !parts.is_empty() {
                return Err(Refusal::PartsStillOpen {
                    parts: parts.into(),
                });
            }
        }
        let provenance = said.provenance.among(&self.provenance);
        Self {
            version: self.version.next(),
            fields: said.fields,
            ended: said.ended,
            provenance,
            ..self
        }
        .allowed(wholes)
    }

    /// Changes what is said of it. Refused as when recording; what it is part of is judged where it
    /// is said anew.
    pub fn change(self, fields: OrganisationFields, wholes: &Wholes) -> Result<Self, Refusal> {
        let moves = fields.part_of != self.fields.part_of;
        let changed = Self {
            version: self.version.next(),
            fields,
            ..self
        };
        if moves {
            changed.allowed(wholes)
        } else {
            changed.agrees()
        }
    }

    /// Says that it ended.
    ///
    /// Refused when it already ended, when it would end before it began, and while other
    /// organisations would be part of it on or after that day.
    pub fn end(self, end: EndOfOrganisation, parts: &[Link]) -> Result<Self, Refusal> {
        if let Some(ended) = &self.ended {
            return Err(Refusal::AlreadyEnded {
                ends_before: ended.ends_before,
            });
        }
        let parts = lasting_from(end.ends_before, parts);
        if !parts.is_empty() {
            return Err(Refusal::PartsStillOpen {
                parts: parts.into(),
            });
        }
        let ended = Some(Ended {
            ends_before: end.ends_before,
            reason: end.reason,
        });
        Self {
            version: self.version.next(),
            ended,
            ..self
        }
        .begins_before_it_ends("ends_before")
    }

    /// Takes back an end recorded by mistake. Refused when it has not ended, and when it would
    /// again be part of an organisation that ended meanwhile.
    pub fn reopen(self, wholes: &Wholes) -> Result<Self, Refusal> {
        if self.ended.is_none() {
            return Err(Refusal::NotEnded);
        }
        Self {
            version: self.version.next(),
            ended: None,
            ..self
        }
        .allowed(wholes)
    }

    /// Whether it may be deleted as a mistake. Refused once others are or were part of it, and when so many
    /// others are or were `tied` to it.
    pub fn delete(&self, parts: &[Link], tied: usize) -> Result<(), Refusal> {
        let parts: Vec<_> = parts.iter().map(|link| link.part).collect();
        if !parts.is_empty() {
            return Err(Refusal::HasParts {
                parts: parts.into(),
            });
        }
        self.go(tied)
    }

    /// Whether its record may go, deleted or folded into another. Refused while so many others, beside its
    /// parts, are or were `tied` to it.
    pub fn go(&self, tied: usize) -> Result<(), Refusal> {
        match tied {
            0 => Ok(()),
            count => Err(Refusal::Tied { count }),
        }
    }

    /// The first day on which it may have existed, as far as is known.
    #[must_use]
    pub fn exists_from(&self) -> Option<Date> {
        [self.fields.constituted_on, self.fields.operates_from]
            .into_iter()
            .flatten()
            .map(PartialDate::earliest)
            .min()
    }

    /// The first day on which it may have operated, as far as is known.
    fn operates_from(&self) -> Option<Date> {
        self.fields.operates_from.map(PartialDate::earliest)
    }

    /// The first day on which it no longer exists, if it ended or merged.
    #[must_use]
    pub fn ends_before(&self) -> Option<Date> {
        let lasts = Since {
            starts_on: None,
            ends_before: self.ended.as_ref().map(|ended| ended.ends_before),
        };
        self.lineage.until_merged(lasts).ends_before
    }

    /// The same with other kin, one version later.
    #[must_use]
    pub fn with_lineage(self, lineage: Lineage) -> Self {
        Self {
            version: self.version.next(),
            lineage,
            ..self
        }
    }

    fn allowed(self, wholes: &Wholes) -> Result<Self, Refusal> {
        let organisation = self.agrees()?;
        wholes.allow(organisation.id, &organisation.fields)?;
        Ok(organisation)
    }

    /// Refused when what is said of it contradicts itself.
    fn agrees(self) -> Result<Self, Refusal> {
        self.fields.check()?;
        let given = if self.fields.constituted_on.is_some() {
            "constituted_on"
        } else {
            "operates_from"
        };
        self.begins_before_it_ends(given)
    }

    /// How it is gone since this day.
    fn gone_as(&self, end: Date) -> OrganisationState {
        if self.lineage.merged_on() == Some(end) {
            OrganisationState::Merged
        } else {
            OrganisationState::Ended
        }
    }

    fn begins_before_it_ends(self, given: &str) -> Result<Self, Refusal> {
        match (self.exists_from(), self.ends_before()) {
            (Some(begins), Some(ends)) if ends <= begins => {
                let mut faults = Faults::default();
                faults.push(Pointer::root().join(given), ValueError::NotInOrder);
                Err(faults.into())
            }
            _ => Ok(self),
        }
    }

    /// The days on which something said of it begins or ceases to be true.
    fn turning_days(&self) -> impl Iterator<Item = Date> + Clone {
        self.fields
            .names
            .turning_days()
            .chain(self.exists_from())
            .chain(self.operates_from())
            .chain(self.ends_before())
    }
}

impl Resource for Organisation {
    const TYPE: ResourceType = ResourceType::Organisation;

    const READ: Action = Action::ReadOrganisations;

    type Present = OrganisationPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn names(&self) -> Option<&Names> {
        Some(&self.fields.names)
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let fields = &self.fields;
        let sectors = fields
            .sectors
            .iter()
            .map(|sector| (Facet::Sector, sector.to_string()));
        let numbers = fields.identifiers.iter();
        let numbers = numbers.map(|number| {
            (
                Facet::Identifier,
                identifier_facet(number.system(), number.value()),
            )
        });
        let communes = fields
            .addresses
            .iter()
            .filter_map(|address| address.commune.as_ref());
        let communes = communes.map(|commune| (Facet::Commune, commune.to_string()));
        let other_names = fields.other_names.iter().flat_map(OtherName::texts);
        let words = other_names.flat_map(|name| words(name.as_str()));
        let words = words.map(|word| (Facet::Word, word));
        let found_by = sectors.chain(numbers).chain(communes).chain(words);
        found_by.chain(fields.marks()).collect()
    }

    fn ties(&self) -> Vec<Tie> {
        let parts = self.fields.part_of.iter();
        let ties = parts.map(|part_of| Tie {
            kind: TieKind::Part,
            tied: self.itself(),
            target: part_of.whole.into(),
            since: part_of.since(),
            sway: Some(Sway::Full),
        });
        ties.collect()
    }

    fn acts(&self) -> Vec<Action> {
        if self.folded.is_some() {
            return vec![Action::UnfoldOrganisation];
        }
        let life = if self.ended.is_some() {
            Action::ReopenOrganisation
        } else {
            Action::EndOrganisation
        };
        vec![
            Action::ChangeOrganisation,
            life,
            Action::FoldOrganisation,
            Action::TellOrganisationsApart,
            Action::DeleteOrganisation,
        ]
    }

    fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for (i, identifier) in self.fields.identifiers.iter().enumerate() {
            if identifier.has_wrong_key() {
                let pointer = Pointer::root().join("identifiers").join(i).join("value");
                warnings.push(Warning::WrongKey { pointer });
            }
        }
        for (i, coded) in self.fields.classifications.iter().enumerate() {
            if !crate::nomenclatures::may_hold(coded) {
                let pointer = Pointer::root().join("classifications").join(i).join("code");
                warnings.push(Warning::UnlistedCode { pointer });
            }
        }
        warnings
    }

    fn on(&self, day: Date) -> OnDay<Self::Present> {
        let borne = self.fields.names.on(day);
        let is_before = |start: Option<Date>| start.is_some_and(|start| day < start);
        let state = match self.ends_before() {
            Some(end) if end <= day => self.gone_as(end),
            _ if is_before(self.exists_from()) => OrganisationState::Expected,
            _ if is_before(self.operates_from()) => OrganisationState::Constituted,
            _ => OrganisationState::Open,
        };
        let answer = OrganisationPresent {
            name: borne.name.clone(),
            short_name: borne.short_name.clone(),
            state,
        };
        OnDay::between(self.turning_days(), day, answer)
    }
}

impl Carded for Organisation {
    fn card(&self, day: Date) -> Card {
        let present = self.on(day).answer;
        Card {
            resource_type: Self::TYPE,
            id: self.uuid(),
            kind: self.fields.kind.to_string(),
            name: present.name,
            short_name: present.short_name,
            state: Some(present.state.to_string()),
            website: self.fields.contact.website.clone(),
            fictitious: self.fields.fictitious,
        }
    }
}
