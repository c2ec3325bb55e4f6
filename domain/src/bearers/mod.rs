//! Bearers: who holds for a network what it needs a legal person for, until it can or another does.
//!
//! - [`BearerFields`] is what a caller says of one: a function, and who holds it.
//! - [`Bearer`] is one as recorded: a [`Relation`]. [`hand_over`] ends one and begins the next.

mod fields;
mod hand_over;
#[cfg(test)]
mod laws;
mod table;

pub use fields::{BearerFields, BearerFunction};
pub use hand_over::{HandOver, hand_over};

use crate::relations::Relation;
use crate::values::Id;

/// A bearer as recorded.
pub type Bearer = Relation<BearerFields>;

/// The id of a bearer as recorded.
pub type BearerId = Id<Bearer>;
