//! Relations: records that say what ties others to one another, and when. A membership is one.
//!
//! - [`Stated`] is what a room says of its relations: which records they name and tie, and what no two of
//!   them share on one day.
//! - [`Relation`] is one as recorded, with the acts that all of them know: recorded, changed, ended, deleted.
//!
//! What a relation of one kind means is in the room of that kind.

#[cfg(test)]
pub(crate) mod model;
mod relation;
mod stated;

pub use relation::{
    Around, EndOfRelation, Link, Refusal, Relation, RelationPresent, RelationState, Rival,
};
pub(crate) use relation::{MOST_LEVELS, levels_up};
pub use stated::{Acts, Condition, Peer, PeerLaw, Stated};
