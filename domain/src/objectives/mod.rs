//! Objectives: what a network means to reach, in general and in its operations.
//!
//! - [`ObjectiveFields`] is what a caller says of one.
//! - [`Objective`] is one as recorded: a [`Relation`] of its owner.
//! - [`Validity`] is apart from how far it went: only its owner's own bodies adopt it, and that is governance.

mod fields;
#[cfg(test)]
mod laws;
mod table;

pub use fields::{ObjectiveFields, ObjectiveLevel, ObjectiveStatus, Owner, Validity};

use crate::relations::Relation;
use crate::values::Id;

/// An objective as recorded.
pub type Objective = Relation<ObjectiveFields>;

/// The id of an objective.
pub type ObjectiveId = Id<Objective>;
