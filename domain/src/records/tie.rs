//! What ties one record to another, and when.

use uuid::Uuid;

use super::ResourceType;
use crate::access::Scope;
use crate::values::{Since, code_list};

code_list! {
    /// As what one record is tied to another.
    pub enum TieKind in "ties" {
        /// It is part of it.
        Part = "part",
    }
}

/// A record by its type and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its id.
    pub id: Uuid,
}

impl RecordRef {
    /// The scope of this record.
    #[must_use]
    pub fn scope(self) -> Scope {
        self.resource_type.scope(self.id)
    }
}

/// One record being tied to another for some time, as a record says it: one of the two, or a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// As what.
    pub kind: TieKind,
    /// What is tied.
    pub tied: RecordRef,
    /// To what.
    pub target: RecordRef,
    /// When.
    pub since: Since,
    /// Whether it belongs to it: whoever holds a role over the target holds it over what is tied too.
    pub belongs: bool,
}

impl Tie {
    /// The scope of the target and the days on which it reaches the record `id`, if that is what is tied.
    #[must_use]
    pub fn reaching(&self, id: Uuid) -> Option<(Scope, Since)> {
        (self.belongs && self.tied.id == id).then_some((self.target.scope(), self.since))
    }
}
