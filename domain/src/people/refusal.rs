//! Why an act on a person's record is refused, with the facts and without words.

use crate::values::Faults;

/// An act that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some values contradict one another, or name what does not exist.
    #[error("bad values")]
    Values(Faults),
    /// The person was erased: nothing is known, and nothing is said any more.
    #[error("erased")]
    Erased,
    /// It cannot be deleted as a mistake: others are or were tied to it.
    #[error("others are tied to it")]
    Tied {
        /// How many.
        count: usize,
    },
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Values(faults)
    }
}
