//! What every record has in common: a type, an id, a version, the acts it allows, and an answer
//! for each day.

mod card;
mod known;
mod one_of;
mod stored;
mod table;
mod tie;

pub use card::{Card, Carded};
pub use known::Known;
pub(crate) use one_of::one_of;
pub(crate) use stored::{Kept, read_stored};
pub use table::{Cell, Tabular, joined, parted, shielded, unshielded};
pub use tie::{RecordRef, Tie, TieKind};

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Action, Reached, Scope};
use crate::networks::NetworkId;
use crate::organisations::{LookAlike, OrganisationId};
use crate::people::Identity;
use crate::values::{Date, Names, Pointer, Since, Version, code_list};

code_list! {
    /// The type of a record, as the change feed and the history name it.
    pub enum ResourceType in "resource_types" {
        /// An organisation.
        Organisation = "organisation",
        /// A network.
        Network = "network",
        /// A person at work.
        Person = "person",
        /// A membership.
        Membership = "membership",
        /// A bearer of a network.
        Bearer = "bearer",
        /// A facilitation.
        Facilitation = "facilitation",
        /// An objective.
        Objective = "objective",
        /// An action of a network.
        Action = "action",
        /// A pooling.
        Pooling = "pooling",
        /// A founding text of a réseau de santé.
        FoundingText = "founding_text",
        /// A lineage event.
        LineageEvent = "lineage_event",
        /// A territory.
        Territory = "territory",
        /// A script or another server that calls the API.
        Client = "client",
        /// A person's account.
        Account = "account",
        /// Somebody whom another issuer of tokens vouches for.
        Subject = "subject",
        /// A role given to somebody.
        Grant = "grant",
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
        /// Who a person is was erased: forget it. The record stays, under a pseudonym.
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
        /// Its nature.
        Kind = "kind",
        /// A family of networks.
        Family = "family",
        /// How far it reaches.
        Reach = "reach",
        /// A theme.
        Theme = "theme",
        /// A population.
        Population = "population",
        /// Whether it was invented.
        Fictitious = "fictitious",
        /// Where it stands.
        State = "state",
        /// The article of law under which it works.
        LegalBasis = "legal_basis",
        /// Whether it has money.
        Financing = "financing",
        /// Whether a network itself holds a function.
        Autonomous = "autonomous",
        /// Whether it is held only until another can.
        Interim = "interim",
        /// Whether it is to be looked at again.
        Review = "review",
        /// How far it went.
        Status = "status",
        /// Whether it is valid for its owner.
        Validity = "validity",
        /// What is shared.
        Shared = "shared",
        /// A determinant of health.
        Determinant = "determinant",
        /// A phase of the work.
        Phase = "phase",
        /// With whose time it is done.
        Arrangement = "arrangement",
        /// A folded word of the name of a college.
        College = "college",
        /// As what somebody takes part.
        Capacity = "capacity",
        /// A profession.
        Profession = "profession",
        /// What no two share on one day.
        AloneIn = "alone_in",
        /// What it would have in common with a record of the same thing.
        Likeness = "likeness",
        /// The number of a legal entity, of a record that also bears one of an establishment.
        OfEntity = "of_entity",
    }
}

impl ResourceType {
    /// The name of the collection of such records, as addresses give it.
    #[must_use]
    pub fn collection(self) -> &'static str {
        match self {
            Self::Organisation => "organisations",
            Self::Network => "networks",
            Self::Person => "people",
            Self::Membership => "memberships",
            Self::Bearer => "bearers",
            Self::Facilitation => "facilitations",
            Self::Objective => "objectives",
            Self::Action => "actions",
            Self::Pooling => "poolings",
            Self::FoundingText => "founding-texts",
            Self::LineageEvent => "lineage-events",
            Self::Territory => "territories",
            Self::Client => "clients",
            Self::Account => "accounts",
            Self::Subject => "subjects",
            Self::Grant => "grants",
        }
    }

    /// The scope of the record with this id. Records over which no role is held are reached by what they
    /// belong to; those that are nobody's in particular by the installation as a whole.
    #[must_use]
    pub fn scope(self, id: Uuid) -> Scope {
        match self {
            Self::Organisation => Scope::Organisation(OrganisationId::new(id)),
            Self::Network => Scope::Network(NetworkId::new(id)),
            Self::Person
            | Self::Membership
            | Self::Bearer
            | Self::Facilitation
            | Self::Objective
            | Self::Action
            | Self::Pooling
            | Self::FoundingText
            | Self::LineageEvent
            | Self::Territory
            | Self::Client
            | Self::Account
            | Self::Subject
            | Self::Grant => Scope::Everything,
        }
    }

    /// The right to see such records.
    #[must_use]
    pub fn read(self) -> Action {
        match self {
            Self::Organisation => Action::ReadOrganisations,
            Self::Network => Action::ReadNetworks,
            Self::Person => Action::ReadPeople,
            Self::Membership => Action::ReadMemberships,
            Self::Bearer => Action::ReadBearers,
            Self::Facilitation => Action::ReadFacilitations,
            Self::Objective => Action::ReadObjectives,
            Self::Action => Action::ReadActions,
            Self::Pooling => Action::ReadPoolings,
            Self::FoundingText => Action::ReadFoundingTexts,
            Self::LineageEvent => Action::ReadLineage,
            Self::Territory => Action::ReadTerritories,
            Self::Client | Self::Account | Self::Subject | Self::Grant => Action::ReadAccess,
        }
    }

    /// Whether the change feed tells of such records. Who has access is not told to those who copy.
    #[must_use]
    pub fn is_in_feed(self) -> bool {
        match self {
            Self::Organisation
            | Self::Network
            | Self::Person
            | Self::Membership
            | Self::Bearer
            | Self::Facilitation
            | Self::Objective
            | Self::Action
            | Self::Pooling
            | Self::FoundingText
            | Self::LineageEvent
            | Self::Territory => true,
            Self::Client | Self::Account | Self::Subject | Self::Grant => false,
        }
    }
}

impl ChangeKind {
    /// What a reader is told of an entry of the feed, by whether the reader could see the record
    /// before it and can see it after; nothing when it is none of that reader's business.
    ///
    /// An entry without a change of its own is there because the record came into or went out of
    /// some scope.
    #[must_use]
    pub fn told(change: Option<Self>, before: bool, after: bool) -> Option<Self> {
        match (change, before, after) {
            (_, false, false) | (None, true, true) => None,
            (Some(change), true, true) => Some(change),
            (Some(Self::Created), false, true) => Some(Self::Created),
            (_, false, true) => Some(Self::EnteredScope),
            // What is gone for everybody is told as gone.
            (Some(change), true, false) if change.is_final() => Some(change),
            (_, true, false) => Some(Self::LeftScope),
        }
    }

    /// Whether the record is no longer there afterwards, for anybody.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Deleted | Self::Duplicate)
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
    /// Other records may be of the same thing.
    LikelyDuplicate {
        /// The record as a whole.
        pointer: Pointer,
        /// Those that the reader may see, not all when there are many.
        candidates: Vec<LookAlike>,
    },
    /// Other records were written by the same act.
    AlsoWritten {
        /// The record as a whole.
        pointer: Pointer,
        /// Those that the reader may see.
        written: Vec<AlsoWritten>,
    },
}

/// A record that an act on another one wrote too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlsoWritten {
    /// Its type.
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    /// Which.
    pub id: Uuid,
    /// The version that it was left with.
    pub version: Version,
    /// What was done.
    pub op: ChangeKind,
}

impl Warning {
    /// The stable code of this warning, as clients see it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKey { .. } => "wrong_key",
            Self::UnlistedCode { .. } => "unlisted_code",
            Self::LikelyDuplicate { .. } => "likely_duplicate",
            Self::AlsoWritten { .. } => "also_written",
        }
    }

    /// Where the odd value stands in the record.
    #[must_use]
    pub fn pointer(&self) -> &Pointer {
        match self {
            Self::WrongKey { pointer }
            | Self::UnlistedCode { pointer }
            | Self::LikelyDuplicate { pointer, .. }
            | Self::AlsoWritten { pointer, .. } => pointer,
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

    /// Puts back who it is, which its stored bytes do not say. Only a person is somebody.
    fn identify(&mut self, _: Identity) {}

    /// The names it is found and sorted by, if it bears some.
    fn names(&self) -> Option<&Names> {
        None
    }

    /// What else it is found by; the words of its names are found of themselves.
    fn facets(&self) -> Vec<(Facet, String)> {
        Vec::new()
    }

    /// Whether it is found by [`Self::spans`].
    const HAS_SPANS: bool = false;

    /// What it is found by for some days.
    fn spans(&self) -> Vec<(Facet, String, Since)> {
        Vec::new()
    }

    /// When it exists, as far as is known.
    fn exists(&self) -> Since {
        Since::ALWAYS
    }

    /// Its own scope.
    fn scope(&self) -> Scope {
        Self::TYPE.scope(self.uuid())
    }

    /// Itself, as others are tied to it.
    fn itself(&self) -> RecordRef {
        RecordRef {
            resource_type: Self::TYPE,
            id: self.uuid(),
        }
    }

    /// What ties it to other records, and what ties others, when it is it that says so.
    fn ties(&self) -> Vec<Tie>;

    /// What it says itself that it belongs to, and when: the scopes of these reach it too.
    fn belongs_to(&self) -> Vec<(Reached, Since)> {
        let ties = self.ties();
        let reaching = ties.iter().filter_map(|tie| tie.reaching(self.uuid()));
        reaching.collect()
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
