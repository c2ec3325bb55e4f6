//! Organisations as rows of a file: what each column means, and what a row makes of a record.

mod columns;
mod dates;
#[cfg(test)]
mod laws;
mod row;

pub use columns::Column;
pub use row::{Cells, OrganisationRow};
