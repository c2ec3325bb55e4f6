//! Facilitation: who animates a network, on whose mandate, for which phase of its work.
//!
//! - [`FacilitationFields`] is what a caller says of one.
//! - [`Facilitation`] is one as recorded: a [`Relation`].

mod fields;
#[cfg(test)]
mod laws;
mod table;

pub use fields::{
    Arrangement, Facilitated, FacilitationFields, FacilitationPhase, Facilitator, Mandate,
};

use crate::relations::Relation;
use crate::values::Id;

/// A facilitation as recorded.
pub type Facilitation = Relation<FacilitationFields>;

/// The id of a facilitation.
pub type FacilitationId = Id<Facilitation>;
