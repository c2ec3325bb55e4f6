//! Why an act on an organisation is refused, with the facts and without words.

use super::{Contradiction, Hindered, LookAlike, OrganisationId};
use crate::values::{Date, Faults};

/// An act that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some values contradict one another, or name what does not exist.
    #[error("bad values")]
    Values(Faults),
    /// It would be part of itself on some day, through these organisations.
    #[error("part of itself")]
    PartOfItself {
        /// From the whole up to itself.
        through: Vec<OrganisationId>,
    },
    /// It would be part of an organisation beyond that one's end.
    #[error("the whole ended")]
    WholeEnded {
        /// The organisation that ended.
        whole: OrganisationId,
        /// The first day on which it no longer existed.
        ends_before: Date,
    },
    /// It would stand in too long a chain of wholes and parts.
    #[error("too many levels")]
    TooManyLevels {
        /// The most levels there may be.
        max: usize,
    },
    /// It has already ended.
    #[error("already ended")]
    AlreadyEnded {
        /// The first day on which it no longer existed.
        ends_before: Date,
    },
    /// It has not ended.
    #[error("not ended")]
    NotEnded,
    /// Organisations that are part of it would outlive it.
    #[error("parts still open")]
    PartsStillOpen {
        /// These organisations.
        parts: Vec<OrganisationId>,
    },
    /// It looks like organisations that are recorded, and was to be refused then.
    #[error("likely duplicate")]
    LikelyDuplicate {
        /// These organisations.
        candidates: Vec<LookAlike>,
    },
    /// Both are one record.
    #[error("one record")]
    SameRecord,
    /// The record that would stay has ended.
    #[error("the survivor ended")]
    SurvivorEnded {
        /// The first day on which it no longer existed.
        ends_before: Date,
    },
    /// Both bear numbers that one organisation cannot have borne on one day.
    #[error("contradicting identifiers")]
    ContradictingIdentifiers {
        /// These numbers, two by two.
        contradictions: Vec<Contradiction>,
    },
    /// A list of the survivor would grow too long.
    #[error("list too long")]
    ListTooLong {
        /// Which.
        list: &'static str,
        /// The most items it may have.
        max: usize,
    },
    /// It is not folded into another.
    #[error("not folded")]
    NotFolded,
    /// Something depends on the fold.
    #[error("cannot take back the fold")]
    CannotUnfold {
        /// What became of which records.
        because: Vec<Hindered>,
    },
    /// It cannot be deleted as a mistake: others are or were part of it.
    #[error("has parts")]
    HasParts {
        /// These organisations.
        parts: Vec<OrganisationId>,
    },
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Values(faults)
    }
}
