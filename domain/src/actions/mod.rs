//! Actions: what a network does, for whom, where, with whom, and to what end.
//!
//! - [`ActionFields`] is what a caller says of one.
//! - [`PlannedAction`] is one as recorded: a [`Relation`] of its owner. (An [`crate::access::Action`] is something
//!   else: what a caller of the API may do.)

mod doubles;
mod fields;
#[cfg(test)]
mod laws;
mod table;

pub use doubles::MOST_DOUBLES;
pub use fields::{ActionFields, ActionStatus, Partner, PartnerRole};

use crate::relations::Relation;
use crate::values::Id;

/// An action as recorded.
pub type PlannedAction = Relation<ActionFields>;

/// The id of an action.
pub type PlannedActionId = Id<PlannedAction>;
