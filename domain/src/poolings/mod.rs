//! Pooling: what several networks or organisations put together, in one of four forms.
//!
//! - [`PoolingFields`] is what a caller says of one.
//! - [`Pooling`] is one as recorded: a [`Relation`].
//!
//! Deliberately not here: the merger of records itself, which is lineage.

mod fields;
#[cfg(test)]
mod laws;
mod table;

pub use fields::{Participant, PoolingFields, PoolingForm, Shared};

use crate::relations::Relation;
use crate::values::Id;

/// A pooling as recorded.
pub type Pooling = Relation<PoolingFields>;

/// The id of a pooling.
pub type PoolingId = Id<Pooling>;
