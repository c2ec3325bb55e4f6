//! What a caller says of an organisation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{AddressUse, Identifier, OrganisationId, OrganisationKind, PartKind, Sector};
use crate::access::{Reached, Scope, Sway};
use crate::values::{
    Coded, Email, Faults, InseeCode, Label, Names, PartialDate, Phone, Pointer, Postcode, Since,
    ValueError, WebAddress, dated,
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

dated! {
    /// A name under which an organisation is or was known, beside the official one of the day.
    pub struct OtherName {
        /// The name.
        pub name: Label,
        /// The acronym or usual short name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub short_name: Option<Label>,
    }
}

impl OtherName {
    /// The name and the short one.
    pub fn texts(&self) -> impl Iterator<Item = &Label> {
        std::iter::once(&self.name).chain(&self.short_name)
    }
}

dated! {
    /// Being part of another organisation for some time.
    pub struct PartOf {
        /// The organisation it is part of.
        pub whole: OrganisationId,
        /// As what.
        #[serde(rename = "as")]
        pub part_as: PartKind,
    }
}

impl OrganisationFields {
    /// The organisations it is or was part of.
    pub fn wholes(&self) -> impl Iterator<Item = OrganisationId> {
        self.part_of.iter().map(|part_of| part_of.whole)
    }

    /// What it belongs to, and when.
    #[must_use]
    pub fn belongs_to(&self) -> Vec<(Reached, Since)> {
        let wholes = self.part_of.iter().map(|part_of| {
            let reached = Reached {
                by: Scope::Organisation(part_of.whole),
                sway: Sway::Full,
            };
            (reached, part_of.since())
        });
        wholes.collect()
    }

    /// Every value that contradicts another one of the same record.
    pub(super) fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::default();
        self.check_identifiers(&mut faults);
        faults.contradicting("part_of", &self.part_of, |one, other| {
            one.since().overlaps(other.since())
        });
        faults.repeated("sectors", &self.sectors);
        faults.repeated("classifications", &self.classifications);
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
}

fn at(list: &str, index: usize) -> Pointer {
    Pointer::root().join(list).join(index)
}
