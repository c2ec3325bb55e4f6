//! Why a row of a file is not taken, with the facts and without words.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::ValueError;

/// A row that cannot be read as cells. Columns are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum RowFault {
    /// A quote stands where it neither begins nor ends a cell, or is closed nowhere near.
    StrayQuote {
        /// The column.
        column: usize,
    },
    /// It has another number of cells than there are columns.
    Cells {
        /// How many columns there are.
        expected: usize,
        /// How many cells it has.
        found: usize,
    },
    /// A cell of a file in UTF-8 holds a byte that is not.
    NotUtf8 {
        /// The column.
        column: usize,
    },
    /// A cell is longer than any value could be.
    LongCell {
        /// The column.
        column: usize,
        /// The longest read, in bytes.
        max: usize,
    },
}

/// Why the value of one cell is refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CellError {
    /// No such value may be recorded.
    Value {
        /// Why.
        error: ValueError,
    },
    /// A number that a spreadsheet rounded, such as `1.23E+13`: its digits are lost.
    RoundedNumber,
    /// A day that the calendar has not, such as 30 February.
    ImpossibleDate,
    /// Not a day, a month or a year as the file writes them.
    UnreadableDate,
    /// No commune bears this code.
    UnknownCommune,
    /// The mapping has no value of ours for this one.
    UnmappedValue,
}

impl From<ValueError> for CellError {
    fn from(error: ValueError) -> Self {
        Self::Value { error }
    }
}

/// What is reported of a row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RowError {
    /// It cannot be read as cells.
    Shape {
        /// Why.
        fault: RowFault,
    },
    /// A value is refused.
    Cell {
        /// Why.
        error: CellError,
    },
    /// Another row of the file has the same key.
    RepeatedKey {
        /// The line of the first one.
        first_line: u64,
    },
    /// Another row of the file tells of the same record.
    RepeatedRecord {
        /// The line of the first one.
        first_line: u64,
    },
    /// Several records bear its number.
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// No record bears the id it gives.
    UnknownRecord,
    /// The record was deleted here as a mistake, and the row changed since.
    DeletedRecord,
    /// A rule forbids what it says.
    Rule {
        /// The code of the refusal.
        code: String,
    },
    /// It was recorded, but others look like it.
    LikelyDuplicate {
        /// These, the most alike first.
        ids: Vec<Uuid>,
    },
}

/// What became of the row that a report line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It was not taken.
    Refused,
    /// It was not taken, for a person must say which record it tells of.
    Ambiguous,
    /// It was taken; somebody should look.
    Noticed,
}

impl RowError {
    /// The stable code, as reports give it.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Shape { fault } => match fault {
                RowFault::StrayQuote { .. } => "stray_quote",
                RowFault::Cells { .. } => "cells",
                RowFault::NotUtf8 { .. } => "not_utf8",
                RowFault::LongCell { .. } => "long_cell",
            },
            Self::Cell { error } => match error {
                CellError::Value { error } => error.code(),
                CellError::RoundedNumber => "rounded_number",
                CellError::ImpossibleDate => "impossible_date",
                CellError::UnreadableDate => "unreadable_date",
                CellError::UnknownCommune => "unknown_commune",
                CellError::UnmappedValue => "unmapped_value",
            },
            Self::RepeatedKey { .. } => "repeated_key",
            Self::RepeatedRecord { .. } => "repeated_record",
            Self::Ambiguous { .. } => "ambiguous",
            Self::UnknownRecord => "unknown_record",
            Self::DeletedRecord => "deleted_record",
            Self::Rule { code } => code,
            Self::LikelyDuplicate { .. } => "likely_duplicate",
        }
    }

    /// What became of the row.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Ambiguous { .. } => Severity::Ambiguous,
            Self::LikelyDuplicate { .. } => Severity::Noticed,
            _ => Severity::Refused,
        }
    }
}
