//! What ties one record to another, and when.

use uuid::Uuid;

use super::ResourceType;
use crate::access::{Reached, Scope, Sway};
use crate::values::{Since, code_list};

code_list! {
    /// As what one record is tied to another.
    pub enum TieKind in "ties" {
        /// It is part of it.
        Part = "part",
        /// It works in that territory.
        WorksIn = "works_in",
        /// It is funded by that organisation.
        FundedBy = "funded_by",
        /// It works for that organisation.
        WorksFor = "works_for",
        /// It is a member of it.
        MemberOf = "member_of",
        /// It is the membership of that member.
        Member = "member",
        /// It is represented by that person.
        Representative = "representative",
        /// It represents a member there.
        RepresentsIn = "represents_in",
        /// It animates that.
        Facilitates = "facilitates",
        /// It is a membership of that whole, or the facilitation of it.
        Whole = "whole",
        /// It is a bearer of that network.
        Network = "network",
        /// It says that this organisation bears.
        Organisation = "organisation",
        /// It is borne by that organisation.
        BorneBy = "borne_by",
        /// It says that this one facilitates.
        Facilitator = "facilitator",
        /// It is facilitated by that one.
        FacilitatedBy = "facilitated_by",
        /// It is on the mandate of that one.
        MandateOf = "mandate_of",
        /// It is that one's.
        OwnedBy = "owned_by",
        /// It serves that objective.
        Serves = "serves",
        /// It has that partner.
        Partner = "partner",
        /// That one takes part in it.
        Participant = "participant",
        /// That one signs it.
        Signatory = "signatory",
        /// It goes on as others by that event.
        Predecessor = "predecessor",
        /// It comes from others by that event.
        Successor = "successor",
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
    /// What a role over the target means for what is tied, if it belongs to it.
    pub sway: Option<Sway>,
}

impl Tie {
    /// One that holds on every day.
    #[must_use]
    pub fn always(kind: TieKind, tied: RecordRef, target: RecordRef, sway: Option<Sway>) -> Self {
        Self {
            kind,
            tied,
            target,
            since: Since::ALWAYS,
            sway,
        }
    }

    /// How the scope of the target reaches the record `id`, and when, if that is what is tied.
    #[must_use]
    pub fn reaching(&self, id: Uuid) -> Option<(Reached, Since)> {
        let reached = Reached {
            by: self.target.scope(),
            sway: self.sway?,
        };
        (self.tied.id == id).then_some((reached, self.since))
    }
}
