//! Why a whole import came to nothing.

use serde::{Deserialize, Serialize};

/// Why nothing of a file was kept, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// It is a workbook or a text in UTF-16, not a CSV file.
    NotCsv,
    /// It holds no header.
    Empty,
    /// Its first line cannot be read as names of columns.
    UnreadableHeader,
    /// A column is named twice.
    RepeatedColumn {
        /// Its name.
        name: String,
    },
    /// Columns are missing that the mapping names, or without which no row can be taken.
    MissingColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// It brings keys of its own and nobody said whose.
    UnnamedSource,
    /// Some rows were not taken, so none was.
    RowsRefused,
    /// The process that worked on it is gone.
    Interrupted,
    /// The one who asked may no longer import.
    NotAllowed,
    /// It failed on our side.
    Failed,
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotCsv => "not_csv",
            Self::Empty => "empty",
            Self::UnreadableHeader => "unreadable_header",
            Self::RepeatedColumn { .. } => "repeated_column",
            Self::MissingColumns { .. } => "missing_columns",
            Self::UnnamedSource => "unnamed_source",
            Self::RowsRefused => "rows_refused",
            Self::Interrupted => "interrupted",
            Self::NotAllowed => "not_allowed",
            Self::Failed => "failed",
        }
    }

    /// Whether the import broke off, rather than being refused for what the file says.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Interrupted | Self::NotAllowed | Self::Failed)
    }
}
