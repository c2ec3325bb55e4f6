use proptest::prelude::*;
use uuid::Uuid;

use super::super::{Organisation, OrganisationId, Wholes};
use super::*;
use crate::imports::CellError;
use crate::imports::{RowOf, dates};
use crate::values::testing::{dates, labels, sirets};
use crate::values::{CodeList, Date, Label, Siret};

fn cells(pairs: &[(Column, &str)]) -> Cells {
    let known = [(Column::Kind, "association"), (Column::Name, "Réseda")];
    let all = known.iter().chain(pairs);
    all.map(|(column, text)| (*column, (*text).to_owned()))
        .collect()
}

fn row(pairs: &[(Column, &str)]) -> OrganisationRow {
    OrganisationRow::read(&cells(pairs)).unwrap()
}

fn told(pairs: &[(Column, &str)]) -> Vec<(Column, CellError)> {
    OrganisationRow::read(&cells(pairs)).unwrap_err()
}

fn recorded(row: &OrganisationRow) -> Organisation {
    let id = OrganisationId::new(Uuid::from_u64_pair(7, 1));
    Organisation::create(id, row.new_fields().unwrap(), &Wholes::default()).unwrap()
}

fn today() -> Date {
    "2026-11-22".parse().unwrap()
}

/// Columns of texts that any row may have, or not.
fn any_cells() -> impl Strategy<Value = Cells> {
    let texts = (
        labels(),
        prop::option::of(labels()),
        prop::option::of(labels()),
    );
    let numbers = (prop::option::of(sirets()), prop::option::of("[0-9]{5}"));
    let rest = (prop::option::of(dates()), prop::option::of(any::<bool>()));
    (texts, numbers, rest).prop_map(
        |((name, short, locality), (siret, postcode), (day, fictitious))| {
            let mut cells = cells(&[(Column::Name, name.as_str())]);
            let mut put =
                |column, value: Option<String>| value.map(|value| cells.insert(column, value));
            put(Column::ShortName, short.as_ref().map(Label::to_string));
            put(Column::Locality, locality.as_ref().map(Label::to_string));
            put(Column::Siret, siret.as_ref().map(Siret::to_string));
            put(Column::Postcode, postcode);
            put(Column::ConstitutedOn, day.as_ref().map(Date::to_string));
            put(
                Column::Fictitious,
                fictitious.map(|invented| invented.to_string()),
            );
            cells
        },
    )
}

proptest! {
    #[test]
    fn the_same_row_again_changes_nothing(cells in any_cells()) {
        let row = OrganisationRow::read(&cells).unwrap();
        let first = recorded(&row);

        prop_assert_eq!(row.changed_fields(&first, today()), first.fields);
    }

    #[test]
    fn a_column_that_the_file_lacks_changes_nothing(cells in any_cells(), other in any_cells(), lacking in 0..26_usize) {
        let first = recorded(&OrganisationRow::read(&cells).unwrap());
        let mut fewer = other;
        let lacking = Column::ALL[lacking];
        fewer.remove(&lacking);
        let Ok(row) = OrganisationRow::read(&fewer) else { return Ok(()) };

        let changed = row.changed_fields(&first, today());

        match lacking {
            Column::ShortName => prop_assert_eq!(&changed.names.on(today()).short_name, &first.fields.names.on(today()).short_name),
            Column::Siret => prop_assert_eq!(changed.identifiers, first.fields.identifiers),
            Column::ConstitutedOn => prop_assert_eq!(changed.constituted_on, first.fields.constituted_on),
            Column::Fictitious => prop_assert_eq!(changed.fictitious, first.fields.fictitious),
            _ => {}
        }
    }

    #[test]
    fn a_day_reads_alike_in_both_ways_of_writing(day in dates()) {
        let (year, month, of_month) = (day.jiff().year(), day.jiff().month(), day.jiff().day());
        let french = format!("{of_month:02}/{month:02}/{year}");

        prop_assert_eq!(dates::day(&french), Ok(day));
        prop_assert_eq!(dates::day(&day.to_string()), Ok(day));
    }

    #[test]
    fn nothing_that_is_read_panics(texts in prop::collection::vec("\\PC{0,20}", 26)) {
        let cells: Cells = Column::ALL.iter().copied().zip(texts).collect();

        if let Ok(row) = OrganisationRow::read(&cells) {
            drop(row.new_fields());
        }
    }
}

#[test]
fn a_number_that_a_spreadsheet_rounded_is_told_apart() {
    for text in ["1.23E+13", "1,23E+13", "7.3282932E13", "1E+13"] {
        assert_eq!(
            told(&[(Column::Siret, text)]),
            [(Column::Siret, CellError::RoundedNumber)]
        );
    }
    assert_ne!(
        told(&[(Column::Siret, "12E13")]),
        [(Column::Siret, CellError::RoundedNumber)]
    );
}

#[test]
fn impossible_days_and_unreadable_ones_are_told_apart() {
    for (text, error) in [
        ("2023-02-30", CellError::ImpossibleDate),
        ("30/02/2023", CellError::ImpossibleDate),
        ("2023-13", CellError::ImpossibleDate),
        ("2024_01_05", CellError::UnreadableDate),
        ("_", CellError::UnreadableDate),
        ("5 janvier 2024", CellError::UnreadableDate),
        ("05/01/24", CellError::UnreadableDate),
    ] {
        assert_eq!(
            told(&[(Column::ConstitutedOn, text)]),
            [(Column::ConstitutedOn, error)],
            "{text}"
        );
    }
}

#[test]
fn every_bad_value_of_a_row_is_told() {
    let told = told(&[
        (Column::Kind, ""),
        (Column::Siret, "73282932000075"),
        (Column::Email, "nobody"),
        (Column::Rna, "W12"),
    ]);

    let columns: Vec<Column> = told.iter().map(|(column, _)| *column).collect();
    assert_eq!(
        columns,
        [Column::Kind, Column::Siret, Column::Rna, Column::Email]
    );
}

#[test]
fn an_establishment_is_not_told_by_the_number_of_its_entity() {
    let both = row(&[
        (Column::Siret, "73282932000074"),
        (Column::Siren, "732829320"),
    ]);
    let entity = row(&[
        (Column::Siren, "732829320"),
        (Column::FinessEj, "300000023"),
    ]);

    let systems = |row: &OrganisationRow| -> Vec<String> {
        row.telling_numbers()
            .iter()
            .map(|(system, _)| system.to_string())
            .collect()
    };
    assert_eq!(systems(&both), ["siret"]);
    assert_eq!(systems(&entity), ["finess_ej", "siren"]);
}

#[test]
fn an_empty_cell_clears_and_numbers_of_the_past_stay() {
    let first = recorded(&row(&[
        (Column::Phone, "0466000000"),
        (Column::Siret, "73282932000074"),
        (Column::Address, "1, rue Basse"),
    ]));
    let mut past = first.clone();
    past.fields.identifiers = serde_json::from_value(serde_json::json!([
        { "system": "siret", "value": "35600000000048", "ends_before": "2020-01-01" },
    ]))
    .unwrap();

    let cleared = row(&[
        (Column::Phone, ""),
        (Column::Siret, ""),
        (Column::Address, ""),
    ]);

    assert_eq!(
        cleared.changed_fields(&first, today()),
        recorded(&row(&[])).fields
    );
    assert_eq!(
        cleared.changed_fields(&past, today()).identifiers,
        past.fields.identifiers
    );
}

#[test]
fn several_values_stand_in_one_cell() {
    let fields = row(&[
        (Column::Sectors, "health | social"),
        (Column::Siret, "73282932000074|73282932000082"),
    ])
    .new_fields()
    .unwrap();

    assert_eq!((fields.sectors.len(), fields.identifiers.len()), (2, 2));
}
