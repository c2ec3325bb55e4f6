//! Territories: communes, EPCI, départements and régions, and who holds whom at a date.
//!
//! Reference data gives the state of one day, its vintage, and no day of change: a relation
//! whose beginning is not known says so, and [`Territory::attested_on`] says on which day it is
//! known to have held.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Action;
use crate::records::{Cell, OnDay, Resource, ResourceType, Tabular};
use crate::values::ValueError;
use crate::values::{
    Date, Id, Label, Names, Postcode, Since, Siren, Version, code_list, text_value,
};

code_list! {
    /// What a territory is.
    pub enum TerritoryKind in "territory_kinds" {
        /// A commune.
        Commune = "commune",
        /// A public establishment for cooperation between communes, with its own taxes.
        Epci = "epci",
        /// A département.
        Departement = "departement",
        /// A région.
        Region = "region",
    }
}

code_list! {
    /// The legal form of an EPCI.
    pub enum EpciForm in "epci_forms" {
        /// Communauté de communes.
        Cc = "CC",
        /// Communauté d'agglomération.
        Ca = "CA",
        /// Communauté urbaine.
        Cu = "CU",
        /// Métropole.
        Metropole = "METRO",
    }
}

text_value! {
    /// The official code of a territory within its kind: an INSEE code, or the SIREN of an EPCI.
    /// The same code may mean another territory in another kind.
    pub struct TerritoryCode = code; example "30007", max 9
}

fn code(given: &str) -> Result<String, ValueError> {
    let expected = || ValueError::Format {
        expected: "[0-9A-Z]{1,9}".to_owned(),
    };
    let code = given.trim().to_uppercase();
    let fits = (1..=9).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits { Ok(code) } else { Err(expected()) }
}

/// The id of a territory.
pub type TerritoryId = Id<Territory>;

/// A territory as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Territory {
    /// Its name for ever.
    pub id: TerritoryId,
    /// How many times it was written.
    pub version: Version,
    /// What it is.
    pub kind: TerritoryKind,
    /// Its official code within its kind.
    pub code: TerritoryCode,
    /// Its names in the order it bore them.
    pub names: Names,
    /// The legal form of an EPCI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<EpciForm>,
    /// The SIREN of the authority that governs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siren: Option<Siren>,
    /// The postcodes of a commune.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postcodes: Vec<Postcode>,
    /// The inhabitants of a commune, as the source gives them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<u32>,
    /// The territories it is or was part of.
    pub part_of: Vec<TerritoryPart>,
    /// The day for which the source gives all this: 1 January of its vintage.
    pub attested_on: Date,
    /// Where it comes from.
    pub source: Label,
}

/// Being part of a larger territory for some time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct TerritoryPart {
    /// The larger territory.
    pub whole: TerritoryId,
    /// What that one is.
    pub kind: TerritoryKind,
    /// The first day; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The first day on which it no longer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_before: Option<Date>,
}

impl TerritoryPart {
    /// The days on which it is part of the whole.
    #[must_use]
    pub fn since(&self) -> Since {
        Since {
            starts_on: self.starts_on,
            ends_before: self.ends_before,
        }
    }
}

/// What is true of a territory on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct TerritoryPresent {
    /// The name it bears that day.
    pub name: Label,
}

impl Resource for Territory {
    const TYPE: ResourceType = ResourceType::Territory;

    const READ: Action = Action::ReadTerritories;

    type Present = TerritoryPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn names(&self) -> Option<&Names> {
        Some(&self.names)
    }

    fn acts(&self) -> Vec<Action> {
        Vec::new()
    }

    fn on(&self, day: Date) -> OnDay<TerritoryPresent> {
        let name = self.names.on(day).name.clone();
        OnDay::between(self.names.turning_days(), day, TerritoryPresent { name })
    }
}

/// The official codes of the territories that hold others, directly or not, by the one held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders(pub HashMap<TerritoryId, Vec<(TerritoryKind, TerritoryCode)>>);

impl Tabular for Territory {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "code",
        "name",
        "departement",
        "region",
        "epci",
        "siren",
        "form",
        "postcodes",
        "population",
        "attested_on",
        "version",
    ];

    /// The territories that hold it on the day.
    type Around = Holders;

    fn cells(&self, day: Date, holders: &Holders) -> Vec<Cell> {
        let held_by = holders.0.get(&self.id).map_or(&[][..], Vec::as_slice);
        let codes = |kind: TerritoryKind| {
            let of_kind = held_by.iter().filter(|(holder, _)| *holder == kind);
            Cell::several(of_kind.map(|(_, code)| code))
        };
        vec![
            Cell::text(&self.id),
            Cell::text(&self.kind),
            Cell::text(&self.code),
            Cell::text(&self.names.on(day).name),
            codes(TerritoryKind::Departement),
            codes(TerritoryKind::Region),
            codes(TerritoryKind::Epci),
            Cell::known(self.siren.as_ref()),
            Cell::known(self.form),
            Cell::several(&self.postcodes),
            self.population
                .map_or(Cell::Empty, |inhabitants| Cell::Whole(inhabitants.into())),
            Cell::text(&self.attested_on),
            Cell::Whole(self.version.number()),
        ]
    }
}
