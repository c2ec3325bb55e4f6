//! `/v1/facilitations`.

use domain::facilitations::{Arrangement, FacilitationFields, FacilitationPhase};
use domain::organisations::OrganisationId;
use domain::records::{Facet, TieKind};
use domain::values::Date;
use persistence::records::Filter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::code_lists::ours;
use crate::http::query::truth;
use crate::relations::{Related, Wanted, relation_handlers};
use crate::room::Room;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "facilitations",
        "Who animates a network, on whose mandate, for which phase of its work, with whose time.",
    ),
    routes,
    code_lists: || vec![ours::<FacilitationPhase>(), ours::<Arrangement>()],
};

/// Which facilitations, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FacilitationQuery {
    /// Of this network.
    of: Option<Uuid>,
    /// By this organisation.
    by: Option<Uuid>,
    /// On the mandate of this organisation.
    mandate: Option<OrganisationId>,
    /// For this phase.
    phase: Option<FacilitationPhase>,
    /// With such time.
    arrangement: Option<Arrangement>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those that held on this day, as far as is known.
    as_of: Option<Date>,
    /// `of` or `by` to join what is public of it.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to a facilitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// What is animated.
    Of,
    /// Who animates it.
    By,
}

impl Wanted<FacilitationFields> for FacilitationQuery {
    fn listed(self, today: Date) -> Result<Related<FacilitationFields>, Request> {
        let filter = Filter::on(self.as_of, today)
            .tied_to(TieKind::Whole, self.of)
            .tied_to(TieKind::Facilitator, self.by)
            .tied_to(TieKind::MandateOf, self.mandate)
            .with(Facet::Phase, self.phase)
            .with(Facet::Arrangement, self.arrangement)
            .with(Facet::Fictitious, self.fictitious);
        let expand = self.expand.map(|expand| match expand {
            Expand::Of => "of",
            Expand::By => "by",
        });
        Ok(Related::new(filter, expand))
    }
}

relation_handlers! {
    "facilitations", FacilitationFields, "The facilitation.", "A page of facilitations.";
    "/facilitations",
    fn list_facilitations(FacilitationQuery) "List facilitations.",
    fn create_facilitation() "Record a facilitation.";
    "/facilitations/{id}",
    fn read_facilitation() "Read a facilitation.",
    fn change_facilitation() "Change a facilitation.",
    fn delete_facilitation() "Delete a facilitation recorded by mistake.";
    "/facilitations/{id}/history",
    fn read_facilitation_history() "Read the history of a facilitation.";
    "/facilitations/{id}/end",
    fn end_facilitation() "Say that a facilitation ended.";
}
