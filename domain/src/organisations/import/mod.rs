//! Organisations as rows of a file: what each column means, and what a row makes of a record.

mod columns;
#[cfg(test)]
mod laws;
mod row;

pub use columns::Column;
pub use row::OrganisationRow;

/// The cells of a row of organisations.
pub type Cells = crate::imports::Cells<Column>;
