//! Memberships: who belongs to a network or to an organisation, as what, since when.
//!
//! - [`MembershipFields`] is what a caller says of one.
//! - [`Membership`] is one as recorded: a [`Relation`].
//!
//! Deliberately not here: mandates in bodies and votes, which are governance.

mod expertise;
mod fields;
pub mod import;
#[cfg(test)]
mod laws;
mod table;

pub use expertise::Expertise;
pub use fields::{Member, MembershipCategory, MembershipFields, Whole};

use crate::relations::Relation;
use crate::values::Id;

/// A membership as recorded.
pub type Membership = Relation<MembershipFields>;

/// The id of a membership.
pub type MembershipId = Id<Membership>;
