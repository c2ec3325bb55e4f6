//! `/v1/bearers`.

use domain::bearers::{Bearer, BearerFields, BearerFunction, BearerId, HandOver, hand_over};
use domain::networks::NetworkId;
use domain::organisations::OrganisationId;
use domain::records::{Facet, TieKind};
use domain::values::Date;
use persistence::records::Filter;
use persistence::relations;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::code_lists::ours;
use crate::http::query::truth;
use crate::relations::{Related, Wanted, relation_handlers};
use crate::room::Room;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "bearers",
        "Who holds the legal representation, the financial and the administrative management of a network, until \
         when, and when that is to be looked at again.",
    ),
    routes: |v1| {
        routes(v1);
        v1.service(hand_over_bearer);
    },
    code_lists: || vec![ours::<BearerFunction>()],
};

/// Which bearers, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BearerQuery {
    /// Of this network.
    network: Option<NetworkId>,
    /// By this organisation: "borne by us".
    organisation: Option<OrganisationId>,
    /// Of this function.
    function: Option<BearerFunction>,
    /// Held by the network itself, or not.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    autonomous: Option<bool>,
    /// Held only until a local structure can: "waiting for a local structure".
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    interim: Option<bool>,
    /// To be looked at again by this day: "review due".
    review_by: Option<Date>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those that bore on this day, as far as is known.
    as_of: Option<Date>,
    /// `network` or `organisation` to join what is public of it.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to a bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// The network.
    Network,
    /// Who bears it.
    Organisation,
}

impl Wanted<BearerFields> for BearerQuery {
    fn listed(self, today: Date) -> Result<Related<BearerFields>, Request> {
        let due = self.review_by.map(|day| ("due", day));
        let filter = Filter::on(self.as_of, today)
            .tied_to(TieKind::Network, self.network)
            .tied_to(TieKind::Organisation, self.organisation)
            .with(Facet::Kind, self.function)
            .with(Facet::Autonomous, self.autonomous)
            .with(Facet::Interim, self.interim)
            .with(Facet::Fictitious, self.fictitious)
            .standing_on(Facet::Review, due);
        let expand = self.expand.map(|expand| match expand {
            Expand::Network => "network",
            Expand::Organisation => "organisation",
        });
        Ok(Related::new(filter, expand))
    }
}

relation_handlers! {
    "bearers", BearerFields, "The bearer.", "A page of bearers.";
    "/bearers",
    fn list_bearers(BearerQuery) "List bearers.",
    fn create_bearer() "Record a bearer.";
    "/bearers/{id}",
    fn read_bearer() "Read a bearer.",
    fn change_bearer() "Change a bearer.",
    fn delete_bearer() "Delete a bearer recorded by mistake.";
    "/bearers/{id}/history",
    fn read_bearer_history() "Read the history of a bearer.";
    "/bearers/{id}/end",
    fn end_bearer() "Say that a bearer ceased to bear.";
}

/// Hand a function over to another bearer.
///
/// One act: the present one ends and the next begins on the same day. The answer is the next one, until the end
/// that was foreseen of the present one, if there was one.
#[utoipa::path(tag = "bearers", params(("id" = BearerId, Path, description = "The present bearer."), WriteParams),
    request_body = HandOver, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The next bearer.", body = Answer)))]
#[post("/bearers/{id}/hand-over")]
pub(crate) async fn hand_over_bearer(
    app: Data<App>,
    writing: Writing,
    id: Path<BearerId>,
    said: Body<HandOver>,
) -> Result<HttpResponse, Problem> {
    let action = domain::access::Action::HandOverBearer;
    let next = BearerId::new(app.new_id());
    app.change(
        writing,
        action,
        *id,
        store::for_change,
        said,
        move |tx, permit, present: Bearer, said| {
            let around = relations::around(tx, permit, &said.next(&present.fields))?;
            let (left, next) = hand_over(present, next, said, &around)?;
            store::update(tx, permit, ChangeKind::Ended, &left)?;
            Ok(store::insert(tx, permit, &next)?)
        },
    )
    .await
}
