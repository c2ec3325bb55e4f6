//! What every record has in common: a type, an id, a version, the acts it allows, and an answer
//! for each day.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::access::{Action, Scope};
use crate::organisations::OrganisationId;
use crate::values::{Date, Names, Pointer, Version, code_list};

code_list! {
    /// The type of a record, as the change feed and the history name it.
    pub enum ResourceType in "resource_types" {
        /// An organisation.
        Organisation = "organisation",
        /// A territory.
        Territory = "territory",
        /// A client of the API; never shown in the feed.
        Client = "client",
    }
}

code_list! {
    /// What happened to a record.
    pub enum ChangeKind in "changes" {
        /// It was recorded.
        Created = "created",
        /// What is recorded of it changed.
        Updated = "updated",
        /// It is said to have ended.
        Ended = "ended",
        /// It merged into others at a date of the world.
        Merged = "merged",
        /// It had been recorded twice and is now folded into the other record.
        Duplicate = "duplicate",
        /// It had been recorded by mistake.
        Deleted = "deleted",
        /// A person's data was erased: forget it.
        Erased = "erased",
        /// It came into what the reader may see.
        EnteredScope = "entered_scope",
        /// It went out of what the reader may see.
        LeftScope = "left_scope",
    }
}

code_list! {
    /// What records are found by, beside their ids and the columns of their own table.
    pub enum Facet in "facets" {
        /// A folded word of a name.
        Word = "word",
        /// A sector.
        Sector = "sector",
        /// A number in a register.
        Identifier = "identifier",
        /// A commune.
        Commune = "commune",
    }
}

impl ResourceType {
    /// The name of the collection of such records, as addresses give it.
    #[must_use]
    pub fn collection(self) -> &'static str {
        match self {
            Self::Organisation => "organisations",
            Self::Territory => "territories",
            Self::Client => "clients",
        }
    }

    /// What an act on the record with this id is an act on.
    #[must_use]
    pub fn scope(self, id: Uuid) -> Scope {
        match self {
            Self::Organisation => Scope::Organisation(OrganisationId::new(id)),
            Self::Territory | Self::Client => Scope::Everything,
        }
    }
}

/// What is true of a record on one day, and for which days around it this stays the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDay<T> {
    /// The answer.
    pub answer: T,
    /// The first day with this answer; nothing when it was always so.
    pub since: Option<Date>,
    /// The first day with another answer; nothing when none is foreseen.
    pub until: Option<Date>,
}

impl<T> OnDay<T> {
    /// An answer that changes on the turning days and on no other.
    pub fn between(turns: impl Iterator<Item = Date> + Clone, day: Date, answer: T) -> Self {
        Self {
            answer,
            since: turns.clone().filter(|turn| *turn <= day).max(),
            until: turns.filter(|turn| *turn > day).min(),
        }
    }
}

/// Something odd that is recorded all the same, because the rule is not certain or the list not
/// complete. The words are told elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The key of a number does not match, and the rule of that key is not certain enough to refuse.
    WrongKey {
        /// Where the number stands.
        pointer: Pointer,
    },
    /// A code that our extract of its nomenclature does not hold.
    UnlistedCode {
        /// Where the code stands.
        pointer: Pointer,
    },
}

impl Warning {
    /// The stable code of this warning, as clients see it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKey { .. } => "wrong_key",
            Self::UnlistedCode { .. } => "unlisted_code",
        }
    }

    /// Where the odd value stands in the record.
    #[must_use]
    pub fn pointer(&self) -> &Pointer {
        match self {
            Self::WrongKey { pointer } | Self::UnlistedCode { pointer } => pointer,
        }
    }
}

/// A record that is kept whole: each state of it is stored as the JSON it serialises to.
///
/// What depends on the day is left out of that JSON and answered by [`Self::on`].
pub trait Resource: Serialize + DeserializeOwned {
    /// Its type in the feed, the history and the audit.
    const TYPE: ResourceType;

    /// The right to see it.
    const READ: Action;

    /// What depends on the day.
    type Present: Serialize;

    /// Its id.
    fn uuid(&self) -> Uuid;

    /// How many times it was written.
    fn version(&self) -> Version;

    /// The names it is found and sorted by, if it bears some.
    fn names(&self) -> Option<&Names> {
        None
    }

    /// What else it is found by; the words of its names are found of themselves.
    fn facets(&self) -> Vec<(Facet, String)> {
        Vec::new()
    }

    /// What an act on it is an act on.
    fn scope(&self) -> Scope {
        Self::TYPE.scope(self.uuid())
    }

    /// The acts that its present state allows, whoever asks.
    fn acts(&self) -> Vec<Action>;

    /// What is odd about it without being refused.
    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    /// What is true of it on `day`.
    fn on(&self, day: Date) -> OnDay<Self::Present>;
}
