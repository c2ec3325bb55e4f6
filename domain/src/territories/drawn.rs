//! Territories that people draw: dated sets of communes and EPCI.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{EndedTerritory, Refusal, Setting, Territory, TerritoryId, TerritoryKind};
use crate::values::{Date, Faults, Names, Pointer, Text, ValueError, Version, dated};

/// What is said of a territory that somebody draws, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "bassin",
    "names": [{ "name": "Bassin d'exemple" }],
    "setting": "rural",
    "fictitious": true,
}))]
pub struct TerritoryFields {
    /// Its nature: one of those that people draw.
    pub kind: TerritoryKind,
    /// Its names in the order it bore them.
    pub names: Names,
    /// The communes and EPCI that make it up.
    #[serde(default)]
    #[validate(length(max = 2000))]
    #[schema(max_items = 2000)]
    pub members: Vec<TerritoryMember>,
    /// In the country or in town.
    #[serde(default)]
    pub setting: Option<Setting>,
    /// The first day on which it exists; absent when not known.
    #[serde(default)]
    pub starts_on: Option<Date>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

dated! {
    /// A commune or an EPCI within a drawn territory for some time. An EPCI brings the communes that
    /// are part of it on each day.
    pub struct TerritoryMember {
        /// The commune or EPCI.
        pub territory: TerritoryId,
    }
}

/// What is said when a drawn territory ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ends_before": "2027-01-01", "reason": "Replaced by another." }))]
pub struct EndOfTerritory {
    /// The first day on which it no longer exists: "until 31 December 2026" is 2027-01-01.
    pub ends_before: Date,
    /// Why it ended.
    #[serde(default)]
    pub reason: Option<Text>,
}

impl TerritoryFields {
    /// The territories that it names.
    pub fn named(&self) -> impl Iterator<Item = TerritoryId> {
        self.members.iter().map(|member| member.territory)
    }
}

/// A territory named as a member, as far as the decision needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownMember {
    /// Which.
    pub id: TerritoryId,
    /// What it is.
    pub kind: TerritoryKind,
}

impl Territory {
    /// Records a territory that somebody draws.
    ///
    /// Refused when its kind comes from reference lists; when a member does not exist, is neither a
    /// commune nor an EPCI, or stands twice on one day.
    pub fn draw(
        id: TerritoryId,
        fields: TerritoryFields,
        known: &[KnownMember],
    ) -> Result<Self, Refusal> {
        let territory = Self {
            id,
            version: Version::FIRST,
            kind: fields.kind,
            code: None,
            vintage: None,
            names: fields.names.clone().into(),
            form: None,
            siren: None,
            postcodes: Vec::new(),
            population: None,
            part_of: Vec::new(),
            members: Vec::new(),
            setting: None,
            starts_on: None,
            starts_between: None,
            ended: None,
            attested_on: None,
            source: None,
            fictitious: false,
        };
        territory.saying(fields, known)
    }

    /// Changes what is said of a drawn territory. Refused as when recording, and for a territory
    /// that comes from a reference list.
    pub fn redraw(self, fields: TerritoryFields, known: &[KnownMember]) -> Result<Self, Refusal> {
        self.is_drawn()?;
        let version = self.version.next();
        Self { version, ..self }.saying(fields, known)
    }

    /// Says that a drawn territory ended. Refused when it already ended, when it would end before
    /// it began, and for a territory that comes from a reference list.
    pub fn end(self, end: EndOfTerritory) -> Result<Self, Refusal> {
        self.is_drawn()?;
        if let Some(ends_before) = self.ended.as_ref().and_then(|ended| ended.ends_before) {
            return Err(Refusal::AlreadyEnded { ends_before });
        }
        let ended = Some(EndedTerritory {
            ends_before: Some(end.ends_before),
            ends_between: None,
            successors: Vec::new(),
            reason: end.reason,
        });
        let version = self.version.next();
        Self {
            version,
            ended,
            ..self
        }
        .begins_before_it_ends("ends_before")
    }

    /// Whether it may be deleted as a mistake. Refused for a territory that comes from a reference
    /// list.
    pub fn delete(&self) -> Result<(), Refusal> {
        self.is_drawn()
    }

    /// What is said of it, as a caller would say it; nothing of a reference territory.
    pub fn drawn_fields(&self) -> Result<TerritoryFields, Refusal> {
        self.is_drawn()?;
        Ok(TerritoryFields {
            kind: self.kind,
            names: self.names.borne().clone(),
            members: self.members.clone(),
            setting: self.setting,
            starts_on: self.starts_on,
            fictitious: self.fictitious,
        })
    }

    fn is_drawn(&self) -> Result<(), Refusal> {
        if self.kind.is_drawn() {
            Ok(())
        } else {
            Err(Refusal::Reference { kind: self.kind })
        }
    }

    fn saying(self, fields: TerritoryFields, known: &[KnownMember]) -> Result<Self, Refusal> {
        let said = Self {
            kind: fields.kind,
            names: fields.names.into(),
            members: fields.members,
            setting: fields.setting,
            starts_on: fields.starts_on,
            fictitious: fields.fictitious,
            ..self
        };
        said.is_drawn()?;
        said.check_members(known)?;
        said.begins_before_it_ends("starts_on")
    }

    fn check_members(&self, known: &[KnownMember]) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        let mut foreign = None;
        for (i, member) in self.members.iter().enumerate() {
            let at = Pointer::root().join("members").join(i);
            match known.iter().find(|known| known.id == member.territory) {
                None => faults.push(at.join("territory"), ValueError::UnknownReference),
                Some(known) if !known.kind.may_be_a_member() => {
                    foreign = foreign.or(Some(*known));
                }
                Some(_) => {}
            }
        }
        let mut order: Vec<(usize, &TerritoryMember)> = self.members.iter().enumerate().collect();
        order.sort_by_key(|(i, member)| (member.territory, member.starts_on, *i));
        for ((i, one), (j, other)) in order.iter().zip(order.iter().skip(1)) {
            if one.territory == other.territory && one.since().overlaps(other.since()) {
                let with = Pointer::root().join("members").join(i.min(j));
                let at = Pointer::root().join("members").join(i.max(j));
                faults.push(at, ValueError::Contradicts { with });
            }
        }
        faults.into_result()?;
        match foreign {
            Some(KnownMember { id, kind }) => Err(Refusal::NotAMember {
                territory: id,
                kind,
            }),
            None => Ok(()),
        }
    }

    fn begins_before_it_ends(self, given: &str) -> Result<Self, Refusal> {
        let ends = self.ended.as_ref().and_then(|ended| ended.ends_before);
        match (self.starts_on, ends) {
            (Some(begins), Some(ends)) if ends <= begins => {
                let mut faults = Faults::default();
                faults.push(Pointer::root().join(given), ValueError::NotInOrder);
                Err(faults.into())
            }
            _ => Ok(self),
        }
    }
}
