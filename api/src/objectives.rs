//! `/v1/objectives`.

use domain::concerns::{Population, Theme};
use domain::objectives::{ObjectiveFields, ObjectiveId, ObjectiveLevel, ObjectiveStatus, Validity};
use domain::records::{Facet, TieKind};
use domain::values::{Date, Label};
use persistence::records::Filter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::code_lists::ours;
use crate::http::list;
use crate::http::query::truth;
use crate::relations::{Related, Wanted, relation_handlers};
use crate::room::Room;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "objectives",
        "What a network means to reach, in general and in its operations. Recorded as proposed: only its own bodies \
         adopt it.",
    ),
    routes,
    code_lists: || {
        vec![
            ours::<ObjectiveLevel>(),
            ours::<ObjectiveStatus>(),
            ours::<Validity>(),
        ]
    },
};

/// Which objectives, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ObjectiveQuery {
    /// Of this network.
    owner: Option<Uuid>,
    /// Of this level.
    level: Option<ObjectiveLevel>,
    /// Serving this general objective.
    under: Option<ObjectiveId>,
    /// On this theme.
    theme: Option<Theme>,
    /// For this population.
    population: Option<Population>,
    /// So far.
    status: Option<ObjectiveStatus>,
    /// So valid.
    validity: Option<Validity>,
    /// Words that begin words of the title. Accents and case do not matter.
    q: Option<Label>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those that were worked on this day, as far as is known.
    as_of: Option<Date>,
    /// `owner` to join what is public of it.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// Whose it is.
    Owner,
}

impl Wanted<ObjectiveFields> for ObjectiveQuery {
    fn listed(self, today: Date) -> Result<Related<ObjectiveFields>, Request> {
        let filter = Filter::on(self.as_of, today)
            .tied_to(TieKind::OwnedBy, self.owner)
            .tied_to(TieKind::Serves, self.under)
            .with(Facet::Kind, self.level)
            .with(Facet::Theme, self.theme)
            .with(Facet::Population, self.population)
            .with(Facet::Status, self.status)
            .with(Facet::Validity, self.validity)
            .with(Facet::Fictitious, self.fictitious)
            .with_words(Facet::Word, list::words_of(self.q.as_ref())?);
        let expand = self.expand.map(|Expand::Owner| "owner");
        Ok(Related::new(filter, expand))
    }
}

relation_handlers! {
    "objectives", ObjectiveFields, "The objective.", "A page of objectives.";
    "/objectives",
    fn list_objectives(ObjectiveQuery) "List objectives.",
    fn create_objective() "Record an objective.";
    "/objectives/{id}",
    fn read_objective() "Read an objective.",
    fn change_objective() "Change an objective.",
    fn delete_objective() "Delete an objective recorded by mistake.";
    "/objectives/{id}/history",
    fn read_objective_history() "Read the history of an objective.";
    "/objectives/{id}/end",
    fn end_objective() "Say that an objective ended.";
}
