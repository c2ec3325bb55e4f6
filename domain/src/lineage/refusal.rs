//! Why an act on lineage is refused, with the facts and without words.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::LineageEventId;
use crate::values::{Date, Faults, Version, code_list};

code_list! {
    /// What is in the way of taking an event back.
    pub enum LineageHindrance in "lineage_hindrances" {
        /// It was changed since.
        Changed = "changed",
        /// It is gone.
        Deleted = "deleted",
        /// It was recorded since, and holds of what would again be as before.
        RecordedSince = "recorded_since",
        /// Others were tied to it since.
        Tied = "tied",
        /// A later event takes from what this one brought about.
        LaterEvent = "later_event",
    }
}

/// A record that is in the way of taking an event back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Hindered {
    /// Which.
    pub id: Uuid,
    /// What became of it.
    pub what: LineageHindrance,
    /// Its version now, where that tells it.
    pub version: Option<Version>,
}

impl Hindered {
    /// It was written since, and has this version now.
    #[must_use]
    pub fn changed(id: Uuid, version: Version) -> Self {
        Self {
            id,
            what: LineageHindrance::Changed,
            version: Some(version),
        }
    }
}

/// An act that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some values contradict one another, or name what does not exist.
    #[error("bad values")]
    Values(Faults),
    /// A predecessor does not exist on the eve of the day, or a successor on the day.
    #[error("not there on the day")]
    NotThere {
        /// These.
        records: Vec<Uuid>,
    },
    /// Another event, of the same day or a later one, is recorded of it already.
    #[error("out of order")]
    OutOfOrder {
        /// Of which record.
        record: Uuid,
        /// Which event.
        event: LineageEventId,
        /// Its day.
        effective_on: Date,
    },
    /// Others would be part of a predecessor that is no more.
    #[error("others are part of it")]
    PartsStillOpen {
        /// Of these.
        records: Vec<Uuid>,
    },
    /// Relations of several predecessors say different things of what only one can hold for the successor.
    #[error("contested")]
    Contested {
        /// These.
        relations: Vec<Uuid>,
    },
    /// Nobody said with which successors they go on.
    #[error("unassigned")]
    Unassigned {
        /// These relations.
        relations: Vec<Uuid>,
    },
    /// A network would be a member of itself on some day.
    #[error("part of itself")]
    PartOfItself {
        /// Through how many others.
        through: usize,
    },
    /// It was taken back already.
    #[error("already undone")]
    AlreadyUndone,
    /// Something depends on it.
    #[error("cannot be taken back")]
    CannotUndo {
        /// What became of which records.
        because: Vec<Hindered>,
    },
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Values(faults)
    }
}
