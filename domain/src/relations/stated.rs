//! What a room says of its relations.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Action;
use crate::records::{Facet, RecordRef, ResourceType, Tie};
use crate::values::{Date, Faults, Pointer, Since, Text};

/// The acts on relations of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acts {
    /// To read them.
    pub read: Action,
    /// To record one.
    pub create: Action,
    /// To change what is recorded of one.
    pub change: Action,
    /// To say that one ended.
    pub end: Action,
    /// To delete one recorded by mistake.
    pub delete: Action,
}

/// Whose another relation is, and of which kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Whose.
    pub owner: Option<Uuid>,
    /// What is recorded as its kind.
    pub kind: Option<String>,
}

/// What is asked of another relation that one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerLaw {
    /// Where it names it.
    pub at: Pointer,
    /// Which.
    pub id: Uuid,
    /// Whose it must be.
    pub owner: RecordRef,
    /// Of which kind it must be.
    pub kind: Option<String>,
}

/// What must be true of a record on each day on which a relation holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Of which; the relation names it.
    pub of: RecordRef,
    /// What of it.
    pub facet: Facet,
    /// Which value it must have.
    pub value: String,
}

/// What is said of relations of one kind.
pub trait Stated:
    Clone + Debug + PartialEq + Eq + Serialize + DeserializeOwned + ToSchema + Send + Sync + 'static
{
    /// Their type.
    const TYPE: ResourceType;

    /// The name of their schema.
    const NAME: &'static str;

    /// What is done with them.
    const ACTS: Acts;

    /// When it holds.
    fn since(&self) -> Since;

    /// The same, which holds no longer from this day on.
    #[must_use]
    fn ended(self, ends_before: Date, reason: Option<Text>) -> Self;

    /// Why it ended.
    fn end_reason(&self) -> Option<&Text>;

    /// The records that it names, and where.
    fn named(&self) -> Vec<(Pointer, RecordRef)>;

    /// What it is of, by the names of its members: said once and for all, for anything else would be another
    /// relation.
    fn fixed(&self) -> Vec<(&'static str, String)>;

    /// What it ties to what, as the record `itself`.
    fn ties(&self, itself: RecordRef) -> Vec<Tie>;

    /// What else it is found by.
    fn facets(&self) -> Vec<(Facet, String)>;

    /// What it is found by for some days.
    fn spans(&self) -> Vec<(Facet, String, Since)> {
        Vec::new()
    }

    /// What else may be done with one, beside [`Acts`].
    #[must_use]
    fn more_acts() -> Vec<Action> {
        Vec::new()
    }

    /// What no two of its kind share on one day.
    fn alone_in(&self) -> Option<String> {
        None
    }

    /// The whole and the part, where nothing may be part of itself through others.
    fn link(&self) -> Option<(RecordRef, RecordRef)> {
        None
    }

    /// Whether it ties something to itself alone, and so says nothing.
    fn ties_to_itself(&self) -> bool {
        self.link().is_some_and(|(part, whole)| part == whole)
    }

    /// What is asked of other relations that it names.
    fn peers(&self) -> Vec<PeerLaw> {
        Vec::new()
    }

    /// What must be true on each of its days.
    fn condition(&self) -> Option<Condition> {
        None
    }

    /// What else contradicts itself in it.
    fn check(&self, _: &mut Faults) {}
}
