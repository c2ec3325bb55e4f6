//! What a record says of those that it comes from, and of those that it became.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::LineageEventId;
use crate::records::RecordRef;
use crate::values::{Date, Since};

/// A predecessor or a successor of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Kin {
    /// Which; of the same type.
    pub id: Uuid,
    /// By which event.
    pub event: LineageEventId,
    /// The first day on which the successor stands for the predecessor.
    pub effective_on: Date,
}

/// What a record comes from and what became of it; the server keeps this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Lineage {
    /// Those that it comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(read_only, max_items = 1000)]
    pub predecessors: Vec<Kin>,
    /// Those that it became.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(read_only, max_items = 1000)]
    pub successors: Vec<Kin>,
}

/// A record that an event is about, as far as the event depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub record: RecordRef,
    /// When it exists, were it not merged.
    pub lasts: Since,
    /// Its kin.
    pub lineage: Lineage,
    /// When others are part of it.
    pub parts: Vec<Since>,
}

impl Lineage {
    /// The first day on which it is merged into others, if it ever is.
    #[must_use]
    pub fn merged_on(&self) -> Option<Date> {
        self.successors.iter().map(|kin| kin.effective_on).min()
    }

    /// The days of `lasts` on which it is not merged yet.
    #[must_use]
    pub fn until_merged(&self, lasts: Since) -> Since {
        let ends = lasts.ends_before.into_iter().chain(self.merged_on());
        Since {
            ends_before: ends.min(),
            ..lasts
        }
    }

    /// The same, without what an event said.
    #[must_use]
    pub fn without(self, event: LineageEventId) -> Self {
        let kept = |kin: Vec<Kin>| kin.into_iter().filter(|kin| kin.event != event).collect();
        Self {
            predecessors: kept(self.predecessors),
            successors: kept(self.successors),
        }
    }
}
