//! What a caller says of an organisation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{AddressUse, Identifier, OrganisationId, OrganisationKind, PartKind, Sector};
use crate::access::Scope;
use crate::values::{
    Coded, Date, Email, Faults, InseeCode, Label, Misread, Names, PartialDate, Phone, Pointer,
    Postcode, Since, ValueError, WebAddress,
};

/// What is said of an organisation, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "association",
    "sectors": ["health", "social"],
    "names": [{ "name": "Association d'exemple", "short_name": "AE" }],
    "identifiers": [{ "system": "siren", "value": "732829320" }],
    "addresses": [{ "use": "seat", "postcode": "30100", "locality": "Alès", "commune": "30007" }],
    "contact": { "website": "https://example.org" },
    "constituted_on": "1998",
    "fictitious": true,
}))]
pub struct OrganisationFields {
    /// Its nature.
    pub kind: OrganisationKind,
    /// The sectors it works in, each once.
    #[serde(default)]
    #[validate(length(max = 9))]
    #[schema(max_items = 9)]
    pub sectors: Vec<Sector>,
    /// Its names in the order it bore them.
    pub names: Names,
    /// Other names under which it is or was known, such as those of a record folded into this one.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub other_names: Vec<OtherName>,
    /// Its numbers in public registers.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub identifiers: Vec<Identifier>,
    /// What it is in others' nomenclatures, such as its FINESS category.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub classifications: Vec<Coded>,
    /// Its addresses.
    #[serde(default)]
    #[validate(length(max = 50), nested)]
    #[schema(max_items = 50)]
    pub addresses: Vec<Address>,
    /// How to reach it.
    #[serde(default)]
    pub contact: Contact,
    /// The organisations it is or was part of, at most one on any day.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub part_of: Vec<PartOf>,
    /// When it was legally constituted, as precisely as is known.
    #[serde(default)]
    pub constituted_on: Option<PartialDate>,
    /// When it began to work in its present form, as precisely as is known.
    #[serde(default)]
    pub operates_from: Option<PartialDate>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

/// An address. Parts that are not known are left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// What it is for.
    #[serde(rename = "use")]
    pub used_as: AddressUse,
    /// The lines above the postcode.
    #[serde(default)]
    #[validate(length(max = 6))]
    #[schema(max_items = 6)]
    pub lines: Vec<Label>,
    /// The postcode, which is not the commune's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// The town as written on a letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<Label>,
    /// The INSEE code of the commune.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commune: Option<InseeCode>,
}

/// How to reach an organisation itself, never a person in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Its site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<WebAddress>,
    /// A mailbox of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Its telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

/// A name under which an organisation is or was known, beside the official one of the day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "OtherNameMembers", deny_unknown_fields)]
pub struct OtherName {
    /// The name.
    pub name: Label,
    /// The acronym or usual short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<Label>,
    /// The first day; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The first day on which it no longer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_before: Option<Date>,
}

/// The members of an [`OtherName`] before its period is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherNameMembers {
    name: Label,
    #[serde(default)]
    short_name: Option<Label>,
    #[serde(default)]
    starts_on: Option<Date>,
    #[serde(default)]
    ends_before: Option<Date>,
}

impl TryFrom<OtherNameMembers> for OtherName {
    type Error = Misread;

    fn try_from(given: OtherNameMembers) -> Result<Self, Misread> {
        let example = || serde_json::json!({ "name": given.name });
        Since::new(given.starts_on, given.ends_before)
            .map_err(|error| Misread::new(error, example()).at("ends_before"))?;
        Ok(Self {
            name: given.name,
            short_name: given.short_name,
            starts_on: given.starts_on,
            ends_before: given.ends_before,
        })
    }
}

impl OtherName {
    /// The name and the short one.
    pub fn texts(&self) -> impl Iterator<Item = &Label> {
        std::iter::once(&self.name).chain(&self.short_name)
    }
}

/// Being part of another organisation for some time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "PartOfMembers", deny_unknown_fields)]
pub struct PartOf {
    /// The organisation it is part of.
    pub whole: OrganisationId,
    /// As what.
    #[serde(rename = "as")]
    pub part_as: PartKind,
    /// The first day; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The first day on which it no longer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_before: Option<Date>,
}

/// The members of a [`PartOf`] before its period is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartOfMembers {
    whole: OrganisationId,
    #[serde(rename = "as")]
    part_as: PartKind,
    #[serde(default)]
    starts_on: Option<Date>,
    #[serde(default)]
    ends_before: Option<Date>,
}

impl TryFrom<PartOfMembers> for PartOf {
    type Error = Misread;

    fn try_from(given: PartOfMembers) -> Result<Self, Misread> {
        let example = serde_json::json!({ "whole": given.whole, "as": given.part_as });
        let since = Since::new(given.starts_on, given.ends_before)
            .map_err(|error| Misread::new(error, example).at("ends_before"))?;
        Ok(Self {
            whole: given.whole,
            part_as: given.part_as,
            starts_on: since.starts_on,
            ends_before: since.ends_before,
        })
    }
}

impl PartOf {
    /// The days on which it is part of the whole.
    #[must_use]
    pub fn since(&self) -> Since {
        Since {
            starts_on: self.starts_on,
            ends_before: self.ends_before,
        }
    }
}

impl OrganisationFields {
    /// The organisations it is or was part of.
    pub fn wholes(&self) -> impl Iterator<Item = OrganisationId> {
        self.part_of.iter().map(|part_of| part_of.whole)
    }

    /// What it belongs to, and when.
    #[must_use]
    pub fn belongs_to(&self) -> Vec<(Scope, Since)> {
        let parts = self.part_of.iter();
        parts
            .map(|part_of| (Scope::Organisation(part_of.whole), part_of.since()))
            .collect()
    }

    /// Every value that contradicts another one of the same record.
    pub(super) fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::default();
        self.check_identifiers(&mut faults);
        self.check_part_of(&mut faults);
        repeated(&mut faults, "sectors", &self.sectors);
        repeated(&mut faults, "classifications", &self.classifications);
        faults.into_result()
    }

    fn check_identifiers(&self, faults: &mut Faults) {
        for (i, one) in self.identifiers.iter().enumerate() {
            for (j, other) in self.identifiers.iter().enumerate().take(i) {
                if !one.since().overlaps(other.since()) {
                    continue;
                }
                let same_system = one.system() == other.system();
                if same_system && one.value() == other.value() {
                    faults.push(at("identifiers", i), ValueError::Repeated);
                } else if one.contradicts(other) {
                    let with = at("identifiers", j).join("value");
                    faults.push(
                        at("identifiers", i).join("value"),
                        ValueError::Contradicts { with },
                    );
                }
            }
        }
    }

    fn check_part_of(&self, faults: &mut Faults) {
        for (i, one) in self.part_of.iter().enumerate() {
            for (j, other) in self.part_of.iter().enumerate().take(i) {
                if one.since().overlaps(other.since()) {
                    let with = at("part_of", j);
                    faults.push(at("part_of", i), ValueError::Contradicts { with });
                }
            }
        }
    }
}

fn at(list: &str, index: usize) -> Pointer {
    Pointer::root().join(list).join(index)
}

fn repeated<T: PartialEq>(faults: &mut Faults, list: &str, items: &[T]) {
    for (i, item) in items.iter().enumerate() {
        if items.iter().take(i).any(|earlier| earlier == item) {
            faults.push(at(list, i), ValueError::Repeated);
        }
    }
}
