//! What any import of records from a file decides: why a row is not taken, and which record a row
//! tells of. What the columns of a kind of record mean is that room's.

mod columns;
pub(crate) mod dates;
mod job;
mod matching;
mod provenance;
mod reader;
mod reason;
mod row;

pub use columns::{BadCells, Cells, Columns, RowOf};
pub use job::{ImportMode, ImportState, may_see};
pub use matching::{Candidates, Match, matched};
pub use provenance::Provenance;
pub(crate) use reader::{Reader, Said, mended, set, truth, unrounded};
pub use reason::Reason;
pub use row::{CellError, RowError, RowFault, Severity};
