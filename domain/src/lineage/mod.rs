//! Lineage: what became of networks and organisations, and what they come from.
//!
//! A merger, a split or a succession is a dated fact of the world, and a record of its own. The predecessor
//! keeps its id and its past; from the effective day on it is `merged` and names its successors, and what was
//! tied to it goes on with them. That the same thing was recorded twice is another act, see
//! [`crate::organisations`].
//!
//! - [`LineageEvent`] is one as recorded, [`Lineage`] what a record says of its kin.
//! - [`carry`] decides what becomes of the relations of one kind, [`undo`] takes it back.
//! - [`each_carried`] is the one place that names the kinds of relations that are carried.

mod carried;
mod carry;
mod event;
mod kin;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod model;
mod refusal;
mod restate;
mod table;
mod undo;

pub use carried::{Carrying, each_carried};
pub use carry::{Carried, Heirs, carry};
pub use event::{
    Assignment, LineageEvent, LineageEventId, LineageFields, LineageKind, LineagePresent, Subject,
    Undo,
};
pub use kin::{Kin, Lineage, Standing};
pub use refusal::{Hindered, LineageHindrance, Refusal};
pub use restate::{Fate, restated};
pub use undo::{Change, Restored, restore};
