//! Reads the cells of a row, and gathers everything that is wrong with them.

use std::str::FromStr;

use super::{BadCells, CellError, Cells, Columns};
use crate::records::{parted, unshielded};
use crate::values::{Date, Label, Name, Names, ValueError, fold};

/// What a row says of one column: nothing when the file lacks it, `Some(None)` when it is empty.
pub(crate) type Said<T> = Option<Option<T>>;

/// Reads the cells of a row.
pub(crate) struct Reader<'a, C> {
    cells: &'a Cells<C>,
    faults: BadCells<C>,
}

impl<'a, C: Columns> Reader<'a, C> {
    /// Of these cells.
    pub(crate) fn of(cells: &'a Cells<C>) -> Self {
        let faults = Vec::new();
        Self { cells, faults }
    }

    /// What was read, unless something is wrong.
    pub(crate) fn done<T>(self, row: T) -> Result<T, BadCells<C>> {
        if self.faults.is_empty() {
            Ok(row)
        } else {
            Err(self.faults)
        }
    }

    fn text(&self, column: C) -> Option<&str> {
        self.cells.get(&column).map(|cell| unshielded(cell.trim()))
    }

    /// What a cell says, read in some way.
    pub(crate) fn said<T>(
        &mut self,
        column: C,
        read: impl FnOnce(&str) -> Result<T, CellError>,
    ) -> Said<T> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Some(None);
        }
        match read(text) {
            Ok(value) => Some(Some(value)),
            Err(error) => {
                self.faults.push((column, error));
                Some(None)
            }
        }
    }

    /// What a cell says, as it is written everywhere.
    pub(crate) fn value<T: FromStr<Err = ValueError>>(&mut self, column: C) -> Said<T> {
        self.said(column, |text| Ok(text.parse()?))
    }

    /// The parts of a cell, which `|` stands between.
    pub(crate) fn several<T>(
        &mut self,
        column: C,
        read: impl Fn(&str) -> Result<T, CellError>,
    ) -> Option<Vec<T>> {
        let all = self.said(column, |text| {
            let texts = parted(text);
            let texts = texts.iter().map(|text| text.trim());
            texts.filter(|text| !text.is_empty()).map(read).collect()
        })?;
        Some(all.unwrap_or_default())
    }

    /// What a cell says that may not be empty.
    pub(crate) fn required<T>(&mut self, column: C, said: Said<T>) -> Option<T> {
        let refused = self.faults.iter().any(|(faulty, _)| *faulty == column);
        let value = said.flatten();
        if value.is_none() && !refused {
            self.faults.push((column, ValueError::Required.into()));
        }
        value
    }
}

/// Sets what the file says.
pub(crate) fn set<T: Clone>(place: &mut T, said: Option<&T>) {
    if let Some(said) = said {
        place.clone_from(said);
    }
}

/// The names with that of the day mended: a file does not say since when a name is borne.
pub(crate) fn mended(
    names: &Names,
    day: Date,
    name: Option<&Label>,
    short_name: Option<&Option<Label>>,
) -> Names {
    let borne = names.on(day).clone();
    let mut all: Vec<Name> = names.clone().into();
    if let Some(one) = all.iter_mut().find(|name| **name == borne) {
        set(&mut one.name, name);
        set(&mut one.short_name, short_name);
    }
    Names::try_from(all).unwrap_or_else(|_| names.clone())
}

/// Refuses what a spreadsheet made of a long number: `1.23E+13` has lost the other digits.
pub(crate) fn unrounded(text: &str) -> Result<(), CellError> {
    let folded = text.to_ascii_uppercase();
    let Some((mantissa, exponent)) = folded.split_once('E') else {
        return Ok(());
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let signs = mantissa.contains(['.', ',']) || exponent.starts_with('+');
    let mantissa: String = mantissa
        .chars()
        .filter(|c| !matches!(c, '.' | ','))
        .collect();
    if signs && digits(&mantissa) && digits(exponent.trim_start_matches('+')) {
        return Err(CellError::RoundedNumber);
    }
    Ok(())
}

/// `true`, `false`, and what French spreadsheets write for them.
pub(crate) fn truth(text: &str) -> Result<bool, CellError> {
    match fold(text).as_str() {
        "true" | "vrai" | "oui" | "1" => Ok(true),
        "false" | "faux" | "non" | "0" => Ok(false),
        _ => {
            let expected = "true | false".to_owned();
            Err(ValueError::Format { expected }.into())
        }
    }
}
