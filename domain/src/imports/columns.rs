//! What the columns of files have in common.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::CellError;
use crate::values::CodeList;

/// The columns of a file of records of one type.
pub trait Columns: CodeList + Ord + Send + Sync {
    /// Those without which no row can be taken.
    const REQUIRED: &'static [Self];

    /// Those that hold days, or months, or years.
    const DATED: &'static [Self];

    /// Those that exports write and imports ignore.
    const IGNORED: &'static [Self];

    /// The one that holds the source's own key.
    const SOURCE_KEY: Self;
}

/// The cells of a row by column: those that the file has, empty ones too.
pub type Cells<C> = BTreeMap<C, String>;

/// What is wrong with cells, by their columns.
pub type BadCells<C> = Vec<(C, CellError)>;

/// What one row says of a record.
pub trait RowOf: Sized {
    /// The columns of its file.
    type Column: Columns;

    /// Reads a row. Every value that cannot be recorded is told, with its column.
    fn read(cells: &Cells<Self::Column>) -> Result<Self, BadCells<Self::Column>>;

    /// The record that it tells of, by our id.
    fn id(&self) -> Option<Uuid>;

    /// A key made of what it says, for a source that has none of its own.
    fn own_key(&self) -> String;
}
