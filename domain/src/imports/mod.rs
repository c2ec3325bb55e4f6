//! What any import of records from a file decides: why a row is not taken, and which record a row
//! tells of. What the columns of a kind of record mean is that room's.

mod job;
mod matching;
mod provenance;
mod reason;
mod row;

pub use job::{ImportMode, ImportState, may_see};
pub use matching::{Candidates, Match, matched};
pub use provenance::Provenance;
pub use reason::Reason;
pub use row::{CellError, RowError, RowFault, Severity};
