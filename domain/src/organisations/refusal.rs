//! Why an act on an organisation is refused, with the facts and without words.

use std::collections::BTreeSet;

use super::{Contradiction, Hindered, LookAlike, OrganisationId};
use crate::values::{Date, Faults};

/// Other organisations that stand in the way of an act.
///
/// Whoever is told of them learns which they are where they are in sight, and how many others there
/// are. None is in sight until it was looked up, see [`Refusal::seeing`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Others<T> {
    all: Vec<T>,
    in_sight: BTreeSet<OrganisationId>,
}

impl<T> From<Vec<T>> for Others<T> {
    fn from(all: Vec<T>) -> Self {
        Self {
            all,
            in_sight: BTreeSet::new(),
        }
    }
}

impl<T: Copy + Into<OrganisationId>> Others<T> {
    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Those in sight.
    #[must_use]
    pub fn seen(&self) -> Vec<T> {
        let all = self.all.iter().copied();
        all.filter(|one| self.in_sight.contains(&(*one).into()))
            .collect()
    }

    /// How many are not in sight.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.count().saturating_sub(self.seen().len())
    }

    fn ids(&self) -> Vec<OrganisationId> {
        self.all.iter().map(|one| (*one).into()).collect()
    }

    fn seeing(self, in_sight: BTreeSet<OrganisationId>) -> Self {
        Self { in_sight, ..self }
    }
}

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
        through: Others<OrganisationId>,
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
        parts: Others<OrganisationId>,
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
        because: Others<Hindered>,
    },
    /// Its record cannot go: others are or were tied to it.
    #[error("others are tied to it")]
    Tied {
        /// How many.
        count: usize,
    },
    /// It cannot be deleted as a mistake: others are or were part of it.
    #[error("has parts")]
    HasParts {
        /// These organisations.
        parts: Others<OrganisationId>,
    },
}

impl Refusal {
    /// The other organisations that it tells of.
    #[must_use]
    pub fn others(&self) -> Vec<OrganisationId> {
        match self {
            Self::PartOfItself { through } => through.ids(),
            Self::PartsStillOpen { parts } | Self::HasParts { parts } => parts.ids(),
            Self::CannotUnfold { because } => because.ids(),
            _ => Vec::new(),
        }
    }

    /// The same, told to one who has these of the others in sight.
    #[must_use]
    pub fn seeing(self, in_sight: BTreeSet<OrganisationId>) -> Self {
        match self {
            Self::PartOfItself { through } => Self::PartOfItself {
                through: through.seeing(in_sight),
            },
            Self::PartsStillOpen { parts } => Self::PartsStillOpen {
                parts: parts.seeing(in_sight),
            },
            Self::HasParts { parts } => Self::HasParts {
                parts: parts.seeing(in_sight),
            },
            Self::CannotUnfold { because } => Self::CannotUnfold {
                because: because.seeing(in_sight),
            },
            other => other,
        }
    }
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Values(faults)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::organisations::Hindrance;

    fn id(number: u64) -> OrganisationId {
        OrganisationId::new(Uuid::from_u64_pair(7, number))
    }

    #[test]
    fn only_what_is_in_sight_is_named_and_the_rest_is_counted() {
        let refusal = Refusal::HasParts {
            parts: vec![id(1), id(2), id(3)].into(),
        };
        let Refusal::HasParts { parts: unseen } = refusal.clone() else {
            panic!("{refusal:?}")
        };
        assert_eq!(refusal.others(), [id(1), id(2), id(3)]);

        let Refusal::HasParts { parts } = refusal.seeing(BTreeSet::from([id(2), id(9)])) else {
            panic!("another refusal")
        };

        assert_eq!((unseen.seen(), unseen.hidden()), (Vec::new(), 3));
        assert_eq!(
            (parts.seen(), parts.hidden(), parts.count()),
            (vec![id(2)], 2, 3)
        );
    }

    #[test]
    fn what_became_of_a_record_is_told_with_its_name_or_not_at_all() {
        let changed = |number| Hindered {
            id: id(number),
            what: Hindrance::Changed,
        };
        let refusal = Refusal::CannotUnfold {
            because: vec![changed(1), changed(2)].into(),
        };

        let told = refusal.seeing(BTreeSet::from([id(1)]));

        let Refusal::CannotUnfold { because } = told else {
            panic!("{told:?}")
        };
        assert_eq!((because.seen(), because.hidden()), (vec![changed(1)], 1));
    }
}
