//! `/v1/actions`.

use domain::actions::{ActionFields, ActionStatus, PartnerRole};
use domain::concerns::{Determinant, Population, Theme};
use domain::objectives::{ObjectiveId, Validity};
use domain::organisations::OrganisationId;
use domain::records::{Facet, TieKind};
use domain::territories::TerritoryId;
use domain::values::{Date, Label};
use persistence::records::Filter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::activities;
use crate::code_lists::ours;
use crate::http::list;
use crate::http::query::truth;
use crate::relations::{Related, Wanted, relation_handlers};
use crate::room::Room;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "actions",
        "What a network does: for whom, where, with whom, to what end. Recorded as proposed: only its own bodies \
         adopt it.",
    ),
    routes: |v1| {
        routes(v1);
        v1.service(activities::list_activities);
    },
    code_lists: || {
        vec![
            ours::<ActionStatus>(),
            ours::<PartnerRole>(),
            ours::<Determinant>(),
        ]
    },
};

/// Which actions, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActionQuery {
    /// Of this network.
    owner: Option<Uuid>,
    /// Serving this objective.
    objective: Option<ObjectiveId>,
    /// On this theme.
    theme: Option<Theme>,
    /// For this population.
    population: Option<Population>,
    /// Acting on this determinant of health.
    determinant: Option<Determinant>,
    /// In this territory.
    territory: Option<TerritoryId>,
    /// With this organisation.
    partner: Option<OrganisationId>,
    /// So far.
    status: Option<ActionStatus>,
    /// So valid.
    validity: Option<Validity>,
    /// Words that begin words of the title. Accents and case do not matter.
    q: Option<Label>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those that were done on this day, as far as is known.
    as_of: Option<Date>,
    /// `owner` to join what is public of it.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// Whose it is.
    Owner,
}

impl Wanted<ActionFields> for ActionQuery {
    fn listed(self, today: Date) -> Result<Related<ActionFields>, Request> {
        let filter = Filter::on(self.as_of, today)
            .tied_to(TieKind::OwnedBy, self.owner)
            .tied_to(TieKind::Serves, self.objective)
            .tied_to(TieKind::WorksIn, self.territory)
            .tied_to(TieKind::Partner, self.partner)
            .with(Facet::Theme, self.theme)
            .with(Facet::Population, self.population)
            .with(Facet::Determinant, self.determinant)
            .with(Facet::Status, self.status)
            .with(Facet::Validity, self.validity)
            .with(Facet::Fictitious, self.fictitious)
            .with_words(Facet::Word, list::words_of(self.q.as_ref())?);
        let expand = self.expand.map(|Expand::Owner| "owner");
        Ok(Related::new(filter, expand))
    }
}

relation_handlers! {
    "actions", ActionFields, "The action.", "A page of actions.";
    "/actions",
    fn list_actions(ActionQuery) "List actions.",
    fn create_action() "Record an action.";
    "/actions/{id}",
    fn read_action() "Read an action.",
    fn change_action() "Change an action.",
    fn delete_action() "Delete an action recorded by mistake.";
    "/actions/{id}/history",
    fn read_action_history() "Read the history of an action.";
    "/actions/{id}/end",
    fn end_action() "Say that an action ended.";
}
