//! CSV, written row by row.

use csv::{Terminator, Writer, WriterBuilder};
use domain::records::{Cell, shielded};
use domain::values::Cents;

use super::format::Dialect;
use crate::problem::Problem;
use crate::words::Failed;

/// A part of a table that is being written.
pub struct Table {
    writer: Writer<Vec<u8>>,
    dialect: Dialect,
}

impl Table {
    /// The beginning of a table, with the names of its columns.
    pub fn begin(columns: &[&str], dialect: Dialect) -> Result<Self, Problem> {
        let mark: &[u8] = match dialect {
            Dialect::Standard => b"",
            Dialect::Fr => "\u{FEFF}".as_bytes(),
        };
        let mut table = Self::after(mark.to_vec(), dialect);
        table.write(columns)?;
        Ok(table)
    }

    /// More rows of a table that was begun.
    #[must_use]
    pub fn go_on(dialect: Dialect) -> Self {
        Self::after(Vec::new(), dialect)
    }

    fn after(written: Vec<u8>, dialect: Dialect) -> Self {
        let delimiter = match dialect {
            Dialect::Standard => b',',
            Dialect::Fr => b';',
        };
        let writer = WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::CRLF)
            .from_writer(written);
        Self { writer, dialect }
    }

    /// Writes one row.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), Problem> {
        let dialect = self.dialect;
        self.write(cells.iter().map(|cell| told(cell, dialect)))
    }

    /// The bytes written.
    pub fn bytes(self) -> Result<Vec<u8>, Problem> {
        self.writer.into_inner().or(Err(Failed::Internal.into()))
    }

    fn write(&mut self, fields: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<(), Problem> {
        self.writer
            .write_record(fields)
            .or(Err(Failed::Internal.into()))
    }
}

/// The text of a cell. Only texts are shielded: a number is never a formula.
fn told(cell: &Cell, dialect: Dialect) -> String {
    match (cell, dialect) {
        (Cell::Empty, _) => String::new(),
        (Cell::Text(text), Dialect::Standard) => text.clone(),
        (Cell::Text(text), Dialect::Fr) => shielded(text),
        (Cell::Whole(number), _) => number.to_string(),
        (Cell::Truth(truth), _) => truth.to_string(),
        (Cell::Cents(sum), Dialect::Standard) => in_euros(*sum, '.'),
        (Cell::Cents(sum), Dialect::Fr) => in_euros(*sum, ','),
    }
}

fn in_euros(sum: Cents, sign: char) -> String {
    let cents = sum.number().unsigned_abs();
    let minus = if sum.number() < 0 { "-" } else { "" };
    format!("{minus}{}{sign}{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(dialect: Dialect) -> Vec<u8> {
        let mut table = Table::begin(&["name", "sum", "count"], dialect).unwrap();
        for (name, cents, count) in [
            ("Réseda, \"le\" réseau; l'autre\nde deux lignes", 123_450, 3),
            ("=1+1", -5, -5),
        ] {
            let sum = Cell::Cents(Cents::new(cents).unwrap());
            table
                .row(&[Cell::text(&name), sum, Cell::Whole(count)])
                .unwrap();
        }
        table.bytes().unwrap()
    }

    #[test]
    fn programs_get_rfc_4180() {
        assert_eq!(
            String::from_utf8(table(Dialect::Standard)).unwrap(),
            "name,sum,count\r\n\
             \"Réseda, \"\"le\"\" réseau; l'autre\nde deux lignes\",1234.50,3\r\n\
             =1+1,-0.05,-5\r\n"
        );
    }

    #[test]
    fn a_french_spreadsheet_gets_its_own_signs_and_no_formula() {
        assert_eq!(
            String::from_utf8(table(Dialect::Fr)).unwrap(),
            "\u{FEFF}name;sum;count\r\n\
             \"Réseda, \"\"le\"\" réseau; l'autre\nde deux lignes\";1234,50;3\r\n\
             '=1+1;-0,05;-5\r\n"
        );
    }

    #[test]
    fn what_was_written_reads_back_the_same() {
        let read = |bytes: &[u8], delimiter| -> Vec<Vec<String>> {
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .from_reader(bytes);
            let rows = reader.records();
            rows.map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect()
        };

        let standard = read(&table(Dialect::Standard), b',');
        let french = read(&table(Dialect::Fr), b';');

        assert_eq!(standard.len(), 2);
        assert_eq!(standard[0][0], french[0][0]);
        assert_eq!(
            standard[1][0],
            domain::records::unshielded(&french[1][0]).to_owned()
        );
    }
}
