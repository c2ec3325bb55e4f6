//! An organisation as one row of a table. What is written so is also read so by the import.

use super::{Address, AddressUse, IdentifierSystem, Organisation, OrganisationFields};
use crate::records::{Cell, Resource, Tabular};
use crate::values::Date;

impl Tabular for Organisation {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "name",
        "short_name",
        "siren",
        "siret",
        "rna",
        "finess_ej",
        "finess_et",
        "sectors",
        "address",
        "postcode",
        "locality",
        "commune",
        "website",
        "email",
        "phone",
        "part_of",
        "part_as",
        "constituted_on",
        "operates_from",
        "ends_before",
        "fictitious",
        "version",
        "state",
    ];

    type Around = ();

    /// Its names, numbers, state and whole are those of the day. Its address is its seat, or else
    /// the first one recorded.
    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        let fields = &self.fields;
        let present = self.on(day).answer;
        let address = main_address(fields);
        let whole = fields
            .part_of
            .iter()
            .find(|part_of| part_of.since().contains(day));
        let mut row = vec![
            Cell::text(&self.id),
            Cell::text(&fields.kind),
            Cell::text(&present.name),
            Cell::known(present.short_name),
        ];
        row.extend(SYSTEMS.map(|system| numbers(fields, system, day)));
        row.extend([
            Cell::several(&fields.sectors),
            address.map_or(Cell::Empty, |address| Cell::several(&address.lines)),
            Cell::known(address.and_then(|address| address.postcode.as_ref())),
            Cell::known(address.and_then(|address| address.locality.as_ref())),
            Cell::known(address.and_then(|address| address.commune.as_ref())),
            Cell::known(fields.contact.website.as_ref()),
            Cell::known(fields.contact.email.as_ref()),
            Cell::known(fields.contact.phone.as_ref()),
            Cell::known(whole.map(|part_of| part_of.whole)),
            Cell::known(whole.map(|part_of| part_of.part_as)),
            Cell::known(fields.constituted_on),
            Cell::known(fields.operates_from),
            Cell::known(self.ends_before()),
            Cell::Truth(fields.fictitious),
            Cell::Whole(self.version.number()),
            Cell::text(&present.state),
        ]);
        row
    }
}

/// The registers that have a column, in the order of the columns.
const SYSTEMS: [IdentifierSystem; 5] = [
    IdentifierSystem::Siren,
    IdentifierSystem::Siret,
    IdentifierSystem::Rna,
    IdentifierSystem::FinessEj,
    IdentifierSystem::FinessEt,
];

fn main_address(fields: &OrganisationFields) -> Option<&Address> {
    let seat = |address: &&Address| address.used_as == AddressUse::Seat;
    let addresses = &fields.addresses;
    addresses.iter().find(seat).or_else(|| addresses.first())
}

fn numbers(fields: &OrganisationFields, system: IdentifierSystem, day: Date) -> Cell {
    let borne = fields
        .identifiers
        .iter()
        .filter(|number| number.system() == system && number.since().contains(day));
    Cell::several(borne.map(super::Identifier::value))
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::{OrganisationId, Wholes};
    use super::*;
    use crate::values::testing::{dates, labels, sirens};

    fn row(fields: serde_json::Value, day: &str) -> Vec<(&'static str, Cell)> {
        let id = OrganisationId::new(Uuid::nil());
        let fields = serde_json::from_value(fields).unwrap();
        let organisation = Organisation::create(id, fields, &Wholes::default()).unwrap();
        let cells = organisation.cells(day.parse().unwrap(), &());
        Organisation::COLUMNS.iter().copied().zip(cells).collect()
    }

    fn said(row: &[(&'static str, Cell)], column: &str) -> String {
        match &row.iter().find(|(name, _)| *name == column).unwrap().1 {
            Cell::Text(text) => text.clone(),
            other => format!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn every_column_has_its_cell_on_any_day(name in labels(), siren in sirens(), day in dates()) {
            let row = row(serde_json::json!({
                "kind": "association",
                "names": [{ "name": name }],
                "identifiers": [{ "system": "siren", "value": siren }],
            }), &day.to_string());

            prop_assert_eq!(row.len(), Organisation::COLUMNS.len());
            prop_assert_eq!(said(&row, "name"), name.to_string());
            prop_assert_eq!(said(&row, "siren"), siren.to_string());
            prop_assert_eq!(said(&row, "siret"), "Empty");
            prop_assert_eq!(said(&row, "fictitious"), "Truth(false)");
            prop_assert_eq!(said(&row, "version"), "Whole(1)");
        }
    }

    #[test]
    fn a_row_tells_what_holds_on_its_day() {
        let fields = serde_json::json!({
            "kind": "association",
            "names": [{ "name": "Before" }, { "name": "After", "starts_on": "2020-01-01" }],
            "identifiers": [
                { "system": "rna", "value": "W301234567", "ends_before": "2020-01-01" },
                { "system": "siret", "value": "73282932000074" },
                { "system": "siret", "value": "73282932000082" },
            ],
            "sectors": ["health", "social"],
        });

        let (before, after) = (row(fields.clone(), "2019-12-31"), row(fields, "2020-01-01"));

        assert_eq!(
            (said(&before, "name"), said(&after, "name")),
            ("Before".into(), "After".into())
        );
        assert_eq!(
            (said(&before, "rna"), said(&after, "rna")),
            ("W301234567".into(), "Empty".into())
        );
        assert_eq!(said(&after, "siret"), "73282932000074|73282932000082");
        assert_eq!(said(&after, "sectors"), "health|social");
    }

    #[test]
    fn the_address_of_a_row_is_the_seat_or_else_the_first() {
        let site =
            serde_json::json!({ "use": "site", "lines": ["1 rue | A"], "postcode": "30100" });
        let seat = serde_json::json!({ "use": "seat", "locality": "Alès", "commune": "30007" });
        let with = |addresses: serde_json::Value| {
            row(
                serde_json::json!({ "kind": "gip", "names": [{ "name": "A" }], "addresses": addresses }),
                "2026-01-01",
            )
        };

        let (both, one) = (
            with(serde_json::json!([site, seat])),
            with(serde_json::json!([site])),
        );

        assert_eq!(
            (said(&both, "commune"), said(&both, "address")),
            ("30007".into(), "Empty".into())
        );
        assert_eq!(
            (said(&one, "postcode"), said(&one, "address")),
            ("30100".into(), "1 rue \\| A".into())
        );
    }
}
