//! `/v1/poolings`.

use domain::poolings::{PoolingFields, PoolingForm, Shared};
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
        "poolings",
        "What networks and organisations put together: in which of the four forms, who takes part, what is shared, \
         since when.",
    ),
    routes,
    code_lists: || vec![ours::<PoolingForm>(), ours::<Shared>()],
};

/// Which poolings, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PoolingQuery {
    /// Kept by this network or organisation.
    kept_by: Option<Uuid>,
    /// In which this network or organisation takes part.
    participant: Option<Uuid>,
    /// In this form.
    form: Option<PoolingForm>,
    /// Sharing this.
    shares: Option<Shared>,
    /// Words that begin words of the title. Accents and case do not matter.
    q: Option<Label>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those that held on this day, as far as is known.
    as_of: Option<Date>,
    /// `kept_by` to join what is public of it.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// Who keeps it.
    KeptBy,
}

impl Wanted<PoolingFields> for PoolingQuery {
    fn listed(self, today: Date) -> Result<Related<PoolingFields>, Request> {
        let filter = Filter::on(self.as_of, today)
            .tied_to(TieKind::OwnedBy, self.kept_by)
            .tied_to(TieKind::Participant, self.participant)
            .with(Facet::Kind, self.form)
            .with(Facet::Shared, self.shares)
            .with(Facet::Fictitious, self.fictitious)
            .with_words(Facet::Word, list::words_of(self.q.as_ref())?);
        let expand = self.expand.map(|Expand::KeptBy| "kept_by");
        Ok(Related::new(filter, expand))
    }
}

relation_handlers! {
    "poolings", PoolingFields, "The pooling.", "A page of poolings.";
    "/poolings",
    fn list_poolings(PoolingQuery) "List poolings.",
    fn create_pooling() "Record a pooling.";
    "/poolings/{id}",
    fn read_pooling() "Read a pooling.",
    fn change_pooling() "Change a pooling.",
    fn delete_pooling() "Delete a pooling recorded by mistake.";
    "/poolings/{id}/history",
    fn read_pooling_history() "Read the history of a pooling.";
    "/poolings/{id}/end",
    fn end_pooling() "Say that a pooling ended.";
}
