//! What a caller says of an action.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::access::{Action, Sway};
use crate::concerns::{Determinant, Population, Theme};
use crate::objectives::{ObjectiveId, Owner, Validity};
use crate::organisations::OrganisationId;
use crate::records::{Facet, RecordRef, ResourceType, Tie, TieKind};
use crate::relations::{Acts, PeerLaw, Stated};
use crate::territories::TerritoryId;
use crate::values::{Date, Faults, Label, Pointer, Since, Text, code_list, words};

code_list! {
    /// How far an action went.
    pub enum ActionStatus in "action_statuses" {
        /// It is planned.
        Planned = "planned",
        /// It is being done.
        Running = "running",
        /// It rests.
        Suspended = "suspended",
        /// It is done.
        Done = "done",
        /// It is given up.
        Abandoned = "abandoned",
    }
}

code_list! {
    /// What somebody does in an action.
    pub enum PartnerRole in "partner_roles" {
        /// It leads.
        Pilot = "pilot",
        /// It leads beside the pilot.
        CoPilot = "co_pilot",
        /// It takes part.
        Partner = "partner",
        /// It gives money.
        Funder = "funder",
        /// It gives people, premises or means.
        Contributor = "contributor",
    }
}

/// An organisation that has a part in an action.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Which.
    pub organisation: OrganisationId,
    /// What it does.
    pub role: PartnerRole,
}

/// What is said of an action, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "owner": { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000002" },
    "title": "Consultations avancées de tabacologie",
    "themes": ["addictions", "respiratory_health"],
    "populations": ["young_people"],
    "determinants": ["education"],
    "territories": ["0198f1c2-7a00-7000-8000-000000000004"],
    "partners": [{ "organisation": "0198f1c2-7a00-7000-8000-000000000001", "role": "pilot" }],
    "status": "running",
    "starts_on": "2026-01-01",
}))]
pub struct ActionFields {
    /// Whose it is.
    pub owner: Owner,
    /// What is done.
    pub title: Label,
    /// More about it.
    #[serde(default)]
    pub description: Option<Text>,
    /// The objectives of the same owner that it serves, each once.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub objectives: Vec<ObjectiveId>,
    /// What it is about, each once.
    #[serde(default)]
    #[validate(length(max = 23))]
    #[schema(max_items = 23)]
    pub themes: Vec<Theme>,
    /// For whom, each once.
    #[serde(default)]
    #[validate(length(max = 14))]
    #[schema(max_items = 14)]
    pub populations: Vec<Population>,
    /// On what it acts beside care, each once.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    pub determinants: Vec<Determinant>,
    /// Where, each once.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub territories: Vec<TerritoryId>,
    /// With whom, each once in a role.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub partners: Vec<Partner>,
    /// How far it went.
    pub status: ActionStatus,
    /// Whether it is valid for its owner.
    #[serde(default)]
    pub validity: Validity,
    /// The first day; absent when not known.
    #[serde(default)]
    pub starts_on: Option<Date>,
    /// The first day on which it is no longer done.
    #[serde(default)]
    pub ends_before: Option<Date>,
    /// Why it ended.
    #[serde(default)]
    pub end_reason: Option<Text>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

impl Stated for ActionFields {
    const TYPE: ResourceType = ResourceType::Action;

    const NAME: &'static str = "PlannedAction";

    const ACTS: Acts = Acts {
        read: Action::ReadActions,
        create: Action::CreateAction,
        change: Action::ChangeAction,
        end: Action::EndAction,
        delete: Action::DeleteAction,
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
        let list = |list: &str, i: usize| Pointer::root().join(list).join(i);
        let owner = (
            Pointer::root().join("owner").join("id"),
            self.owner.record(),
        );
        let territories = self.territories.iter().enumerate();
        let territories = territories.map(|(i, one)| (list("territories", i), (*one).into()));
        let partners = self.partners.iter().enumerate().map(|(i, one)| {
            let at = list("partners", i).join("organisation");
            (at, one.organisation.into())
        });
        let named = [owner].into_iter().chain(territories);
        named.chain(partners).collect()
    }

    fn fixed(&self) -> Vec<(&'static str, String)> {
        vec![("owner", self.owner.record().id.to_string())]
    }

    /// Its owner keeps it, its partners see it.
    fn ties(&self, itself: RecordRef) -> Vec<Tie> {
        let tie = |kind, target: RecordRef, sway| Tie::always(kind, itself, target, sway);
        let owned = tie(TieKind::OwnedBy, self.owner.record(), Some(Sway::Full));
        let objectives = self.objectives.iter();
        let objectives = objectives.map(|one| tie(TieKind::Serves, (*one).into(), None));
        let territories = self.territories.iter();
        let territories = territories.map(|one| tie(TieKind::WorksIn, (*one).into(), None));
        let partners = self.partners.iter();
        let partners =
            partners.map(|one| tie(TieKind::Partner, one.organisation.into(), Some(Sway::Sight)));
        let ties = [owned].into_iter().chain(objectives);
        ties.chain(territories).chain(partners).collect()
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let words = words(self.title.as_str()).into_iter();
        let words = words.map(|word| (Facet::Word, word));
        let themes = self
            .themes
            .iter()
            .map(|one| (Facet::Theme, one.to_string()));
        let populations = self.populations.iter();
        let populations = populations.map(|one| (Facet::Population, one.to_string()));
        let determinants = self.determinants.iter();
        let determinants = determinants.map(|one| (Facet::Determinant, one.to_string()));
        let own = [
            (Facet::Status, self.status.to_string()),
            (Facet::Validity, self.validity.to_string()),
            (Facet::Fictitious, self.fictitious.to_string()),
        ];
        let marks = self.marks().into_iter();
        let marks = marks.map(|mark| (Facet::Likeness, mark));
        let coded = words.chain(themes).chain(populations).chain(determinants);
        coded.chain(marks).chain(own).collect()
    }

    /// When it runs.
    fn spans(&self) -> Vec<(Facet, String, Since)> {
        let running = ActionStatus::Running.to_string();
        let runs = self.runs().map(|since| (Facet::Status, running, since));
        runs.into_iter().collect()
    }

    /// Objectives of the same owner.
    fn peers(&self) -> Vec<PeerLaw> {
        let objectives = self.objectives.iter().enumerate();
        let peers = objectives.map(|(i, one)| PeerLaw {
            at: Pointer::root().join("objectives").join(i),
            id: one.uuid(),
            owner: self.owner.record(),
            kind: None,
        });
        peers.collect()
    }

    fn check(&self, faults: &mut Faults) {
        faults.repeated("objectives", &self.objectives);
        faults.repeated("themes", &self.themes);
        faults.repeated("populations", &self.populations);
        faults.repeated("determinants", &self.determinants);
        faults.repeated("territories", &self.territories);
        faults.repeated("partners", &self.partners);
    }
}
