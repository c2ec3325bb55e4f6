//! What any import of records from a file decides: why a row is not taken, and which record a row
//! tells of. What the columns of a kind of record mean is that room's.

mod matching;
mod row;

pub use matching::{Candidates, Match, matched};
pub use row::{CellError, RowError, RowFault, Severity};
