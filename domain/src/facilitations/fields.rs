//! What a caller says of a facilitation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::access::{Action, Sway};
use crate::networks::NetworkId;
use crate::organisations::OrganisationId;
use crate::people::PersonId;
use crate::records::{Facet, RecordRef, ResourceType, Tie, TieKind, one_of};
use crate::relations::{Acts, Stated};
use crate::values::{CodeList, Date, Label, Pointer, Since, Text, code_list};

code_list! {
    /// For which phase of the work somebody animates it.
    pub enum FacilitationPhase in "facilitation_phases" {
        /// It is being drawn up.
        Elaboration = "elaboration",
        /// It is being done.
        Implementation = "implementation",
        /// It is being followed and evaluated.
        FollowUp = "follow_up",
    }
}

code_list! {
    /// With whose time somebody animates.
    pub enum Arrangement in "facilitation_arrangements" {
        /// Somebody is there for this alone.
        Dedicated = "dedicated",
        /// A team that is shared with others.
        Pooled = "pooled",
    }
}

one_of! {
    /// What is animated.
    pub enum Facilitated {
        /// A network.
        Network(NetworkId),
    }
}

one_of! {
    /// Who animates.
    pub enum Facilitator {
        /// An organisation, by its team.
        Organisation(OrganisationId),
        /// A person, in its own name.
        Person(PersonId),
    }
}

/// Who asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    /// The organisation that gave it: an ARS, a local authority.
    pub giver: OrganisationId,
    /// The letter or the contract that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Label>,
}

/// What is said of a facilitation, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "of": { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000002" },
    "by": { "type": "organisation", "id": "0198f1c2-7a00-7000-8000-000000000001" },
    "mandate": { "giver": "0198f1c2-7a00-7000-8000-000000000003", "reference": "Lettre de mission" },
    "phase": "elaboration",
    "arrangement": "pooled",
    "starts_on": "2019-01-01",
}))]
pub struct FacilitationFields {
    /// What is animated.
    pub of: Facilitated,
    /// Who animates it.
    pub by: Facilitator,
    /// On whose mandate; absent when nobody gave one, or that is not known.
    #[serde(default)]
    pub mandate: Option<Mandate>,
    /// For which phase; absent when for all of them.
    #[serde(default)]
    pub phase: Option<FacilitationPhase>,
    /// With whose time; absent when not known.
    #[serde(default)]
    pub arrangement: Option<Arrangement>,
    /// The first day; absent when not known.
    #[serde(default)]
    pub starts_on: Option<Date>,
    /// The first day on which it no longer does; absent while it does.
    #[serde(default)]
    pub ends_before: Option<Date>,
    /// Why it ended.
    #[serde(default)]
    pub end_reason: Option<Text>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

impl Stated for FacilitationFields {
    const TYPE: ResourceType = ResourceType::Facilitation;

    const NAME: &'static str = "Facilitation";

    const ACTS: Acts = Acts {
        read: Action::ReadFacilitations,
        create: Action::CreateFacilitation,
        change: Action::ChangeFacilitation,
        end: Action::EndFacilitation,
        delete: Action::DeleteFacilitation,
    };

    fn since(&self) -> Since {
        Since {
            starts_on: self.starts_on,
            ends_before: self.ends_before,
        }
    }

    fn ended(self, ends_before: Date, reason: Option<Text>) -> Self {
        Self {
            ends_before: Some(ends_before),
            end_reason: reason.or(self.end_reason),
            ..self
        }
    }

    fn end_reason(&self) -> Option<&Text> {
        self.end_reason.as_ref()
    }

    fn named(&self) -> Vec<(Pointer, RecordRef)> {
        let at = |member: &str, of: &str| Pointer::root().join(member).join(of);
        let mut named = vec![
            (at("of", "id"), self.of.record()),
            (at("by", "id"), self.by.record()),
        ];
        let giver = self.mandate.as_ref().map(|mandate| mandate.giver.into());
        named.extend(giver.map(|giver| (at("mandate", "giver"), giver)));
        named
    }

    fn fixed(&self) -> Vec<(&'static str, String)> {
        let (of, by) = (self.of.record().id, self.by.record().id);
        vec![("of", of.to_string()), ("by", by.to_string())]
    }

    /// What is animated keeps it; an organisation that animates sees it, and while it does so works there: a role
    /// over the one holds over the other. No role is held over a person, who is seen from there instead. Who gave the
    /// mandate sees it.
    fn ties(&self, itself: RecordRef) -> Vec<Tie> {
        let (of, by) = (self.of.record(), self.by.record());
        let sight = Some(Sway::Sight);
        let (sees, works) = match self.by {
            Facilitator::Organisation(_) => (sight, Some(Sway::Full)),
            Facilitator::Person(_) => (None, None),
        };
        let while_it_does = |kind, tied, target, sway| Tie {
            kind,
            tied,
            target,
            since: self.since(),
            sway,
        };
        let mut ties = vec![
            Tie::always(TieKind::Whole, itself, of, Some(Sway::Full)),
            Tie::always(TieKind::Facilitator, itself, by, sees),
            while_it_does(TieKind::FacilitatedBy, of, by, works),
        ];
        if let Facilitator::Person(_) = self.by {
            ties.push(while_it_does(TieKind::Facilitates, by, of, sight));
        }
        if let Some(mandate) = &self.mandate {
            let giver = mandate.giver.into();
            ties.push(Tie::always(TieKind::MandateOf, itself, giver, sight));
        }
        ties
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let phase = self.phase.map(|phase| (Facet::Phase, phase.to_string()));
        let arrangement = self
            .arrangement
            .map(|one| (Facet::Arrangement, one.to_string()));
        let fictitious = (Facet::Fictitious, self.fictitious.to_string());
        let known = phase.into_iter().chain(arrangement);
        known.chain([fictitious]).collect()
    }

    /// One facilitator of one thing in one phase.
    fn alone_in(&self) -> Option<String> {
        let (of, by) = (self.of.record().id, self.by.record().id);
        let phase = self.phase.map_or("all", |phase| phase.code());
        Some(format!("{of} {by} {phase}"))
    }
}
