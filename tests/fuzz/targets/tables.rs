//! Files: tables as spreadsheets write them, rows of organisations, mappings, and the reference
//! lists of territories. A row that was read, written as CSV, is read the same.
#![no_main]

use std::io::Cursor;

use api::imports::mapping::Mapping;
use api::imports::table::{Row, Table};
use api::territories::files::{self, Asked};
use domain::imports::RowOf;
use domain::organisations::import::{Column, OrganisationRow};
use domain::territories::ChangeDays;
use fuzz::chosen;
use libfuzzer_sys::fuzz_target;

const READERS: [fn(&[u8]); 3] = [organisations, mapped, territories];

fuzz_target!(|input: &[u8]| {
    if let Some((read, file)) = chosen(&READERS, input) {
        read(file);
    }
});

fn organisations(file: &[u8]) {
    rows(&Mapping::default(), file);
}

/// A mapping and, after a line of its own that says `---`, the file that it is for.
fn mapped(file: &[u8]) {
    let mark = b"\n---\n";
    let Some(end) = file.windows(mark.len()).position(|some| some == mark) else {
        return;
    };
    let mapping = String::from_utf8_lossy(&file[..end]);
    if let Ok(mapping) = Mapping::read::<Column>(&mapping) {
        rows(&mapping, &file[end + mark.len()..]);
    }
}

fn rows(mapping: &Mapping, file: &[u8]) {
    let Ok(table) = Table::open(Cursor::new(file)) else {
        return;
    };
    let (separator, header) = (table.separator(), table.header().to_vec());
    let rows: Vec<Row> = table.map(Result::unwrap).collect();
    check_written_again(separator, &header, &rows);
    let Ok(plan) = mapping.plan::<Column>(&header) else {
        return;
    };
    for row in &rows {
        let planned = plan.read(&row.cells);
        if let Ok(row) = OrganisationRow::read(&planned.cells) {
            assert!(!row.own_key().is_empty());
            assert_eq!(row.new_fields().is_some(), row.name().is_some());
        }
    }
}

/// The rows that are whole, written with the same separator and every cell in quotes, are the same rows.
fn check_written_again(separator: char, header: &[String], rows: &[Row]) {
    let whole = || rows.iter().filter(|row| row.fault.is_none());
    let cells = || whole().map(|row| &row.cells);
    let mut written = csv::WriterBuilder::new()
        .delimiter(u8::try_from(separator).unwrap())
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(vec!["\u{FEFF}".as_bytes()].concat());
    written.write_record(header).unwrap();
    cells().for_each(|cells| written.write_record(cells).unwrap());
    let again = Table::open(Cursor::new(written.into_inner().unwrap())).unwrap();
    // One column alone has no separator.
    assert!(again.separator() == separator || header.len() == 1);
    assert_eq!(again.header(), header);
    let again: Vec<Row> = again.map(Result::unwrap).collect();
    assert!(again.iter().map(|row| &row.cells).eq(cells()), "{again:?}");
}

fn territories(file: &[u8]) {
    for year in [2015, 2024] {
        let days = ChangeDays::default();
        let asked = Asked {
            year,
            days,
            source: None,
        };
        let files = [("list".to_owned(), Cursor::new(file))];
        if let Err(refused) = files::read(files, &asked) {
            assert!(!refused.to_string().is_empty());
        }
    }
}
