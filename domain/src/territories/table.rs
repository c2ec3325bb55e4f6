//! A territory as a row of a table.

use std::collections::HashMap;

use super::{Territory, TerritoryCode, TerritoryId, TerritoryKind};
use crate::records::{Cell, Tabular};
use crate::values::Date;

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
        "commune",
        "vintage",
        "state",
        "ends_before",
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
            Cell::known(self.code.as_ref()),
            Cell::text(&self.names.on(day).name),
            codes(TerritoryKind::Departement),
            codes(TerritoryKind::Region),
            codes(TerritoryKind::Epci),
            Cell::known(self.siren.as_ref()),
            Cell::known(self.form),
            Cell::several(&self.postcodes),
            self.population
                .map_or(Cell::Empty, |inhabitants| Cell::Whole(inhabitants.into())),
            Cell::known(self.attested_on),
            Cell::Whole(self.version.number()),
            codes(TerritoryKind::Commune),
            self.vintage
                .map_or(Cell::Empty, |year| Cell::Whole(year.into())),
            Cell::text(&self.state_on(day)),
            Cell::known(self.ended.as_ref().and_then(|ended| ended.ends_before)),
        ]
    }
}
