//! Why an act on a network is refused, with the facts and without words.

use super::LegalBasis;
use crate::values::{Date, Faults};

/// An act that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some values contradict one another, or name what does not exist.
    #[error("bad values")]
    Values(Faults),
    /// It would work under an article of law that was repealed.
    #[error("repealed")]
    Repealed {
        /// The article.
        basis: LegalBasis,
        /// The first day on which nothing works under it any more.
        over_from: Date,
    },
    /// A founding text would be in force on days on which it no longer works under the article.
    #[error("a founding text rests on its legal basis")]
    TextsInForce {
        /// How many.
        count: usize,
    },
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
