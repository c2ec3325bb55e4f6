//! Why an act on a territory is refused, with the facts and without words.

use super::{TerritoryId, TerritoryKind};
use crate::values::{Date, Faults};

/// An act that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some values contradict one another, or name what does not exist.
    #[error("bad values")]
    Values(Faults),
    /// It comes from a reference list, which alone says what it is.
    #[error("a reference territory")]
    Reference {
        /// What it is.
        kind: TerritoryKind,
    },
    /// Only communes and EPCI make up a drawn territory.
    #[error("not a member")]
    NotAMember {
        /// Which was named.
        territory: TerritoryId,
        /// What that one is.
        kind: TerritoryKind,
    },
    /// It has already ended.
    #[error("already ended")]
    AlreadyEnded {
        /// The first day on which it no longer existed.
        ends_before: Date,
    },
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Values(faults)
    }
}
