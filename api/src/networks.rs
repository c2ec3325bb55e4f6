//! `/v1/networks`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use domain::access::Action;
use domain::concerns::{Population, Theme};
use domain::founding_texts::{FoundingTextFields, under_the_article};
use domain::networks::{
    FinancingState, LegalBasis, Network, NetworkFamily, NetworkFields, NetworkId, NetworkKind,
    NetworkState, Phase, Reach,
};
use domain::organisations::OrganisationId;
use domain::records::{ChangeKind, Facet, TieKind};
use domain::territories::TerritoryId;
use domain::values::{Date, Label};
use persistence::{records as store, relations};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::App;
use crate::code_lists::ours;
use crate::http::asked::{Caller, Reading, Writing};
use crate::http::body::{Body, Patch};
use crate::http::list::{self, Asked, ListParams, Sort};
use crate::http::query::{Query, parsed, truth};
use crate::http::records::{self, HistoryQuery, MomentQuery};
use crate::mesh;
use crate::openapi::{Listed, MergePatch, Past, Recorded, WriteParams};
use crate::problem::Problem;
use crate::room::Room;
use crate::territories::{self, Named};

type NetworkAnswer = Recorded<Network>;
type NetworkPage = Listed<Network>;
type NetworkHistory = Past<Network>;
type NetworkPatch = MergePatch<NetworkFields>;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "networks",
        "Réseaux de santé, dispositifs, working groups and projects: what each is about, where, under which law, \
         with what money, and the phases of its life.",
    ),
    routes: |v1| {
        v1.service(list_networks)
            .service(create_network)
            .service(read_network)
            .service(change_network)
            .service(delete_network)
            .service(read_network_history)
            .service(enter_phase)
            .service(mesh::list_neighbours)
            .service(mesh::read_mesh);
    },
    code_lists: || {
        vec![
            ours::<NetworkKind>(),
            ours::<NetworkFamily>(),
            ours::<Reach>(),
            ours::<NetworkState>(),
            ours::<LegalBasis>(),
            ours::<FinancingState>(),
            ours::<Theme>(),
            ours::<Population>(),
        ]
    },
};

/// Which networks, in which order, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NetworkQuery {
    /// Of this kind.
    kind: Option<NetworkKind>,
    /// Of this family.
    family: Option<NetworkFamily>,
    /// Working on this theme.
    theme: Option<Theme>,
    /// For this population.
    population: Option<Population>,
    /// Reaching so far.
    reach: Option<Reach>,
    /// Standing so in its life, on the day of `as_of` or else today.
    state: Option<NetworkState>,
    /// Working under this article, on the day of `as_of` or else today.
    legal_basis: Option<LegalBasis>,
    /// Funded or not, on the day of `as_of` or else today.
    financing_state: Option<FinancingState>,
    /// Working in this territory; on the day of `as_of` when that is given.
    territory: Option<TerritoryId>,
    /// Working in a territory that holds this one, or in itself, by id or as `kind:code`: "which networks serve this
    /// commune"; on the day of `as_of` when that is given.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, example = "commune:30132", pattern = "^((commune|epci|departement|region|qpv):[0-9A-Za-z]{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    serves: Option<Named>,
    /// Funded by this organisation; on the day of `as_of` when that is given.
    funder: Option<OrganisationId>,
    /// Borne by this organisation, in whatever function: "borne by us"; on the day of `as_of` when that is given.
    bearer: Option<OrganisationId>,
    /// Animated by this organisation or network; on the day of `as_of` when that is given.
    facilitator: Option<Uuid>,
    /// Having this organisation or network as a member; on the day of `as_of` when that is given.
    member: Option<Uuid>,
    /// A member of this organisation or network; on the day of `as_of` when that is given.
    member_of: Option<Uuid>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Words that begin words of a name, past names too. Accents and case do not matter.
    q: Option<Label>,
    /// Only those that had begun and were not closed on this day, as far as is known, under the name they
    /// then bore.
    as_of: Option<Date>,
    /// The order.
    #[serde(default)]
    #[param(value_type = Option<Sort>, inline)]
    sort: Sort,
}

/// List networks.
#[utoipa::path(tag = "networks", params(NetworkQuery, ListParams), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of networks.", body = NetworkPage)))]
#[get("/networks")]
pub(crate) async fn list_networks(
    app: Data<App>,
    asked: Asked<NetworkQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let words = list::words_of(query.q.as_ref())?;
    let day = query.as_of.unwrap_or(app.today());
    let serving = territories::holding(&app, query.serves, day).await?;
    let networks = store::Filter::<Network>::on(query.as_of, app.today())
        .with(Facet::Kind, query.kind)
        .with(Facet::Family, query.family)
        .with(Facet::Theme, query.theme)
        .with(Facet::Population, query.population)
        .with(Facet::Reach, query.reach)
        .with(Facet::Fictitious, query.fictitious)
        .standing(Facet::State, query.state)
        .standing(Facet::LegalBasis, query.legal_basis)
        .standing(Facet::Financing, query.financing_state)
        .tied_to(TieKind::WorksIn, query.territory)
        .tied_to_any(TieKind::WorksIn, serving)
        .tied_to(TieKind::FundedBy, query.funder)
        .tied_to(TieKind::BorneBy, query.bearer)
        .tied_to(TieKind::FacilitatedBy, query.facilitator)
        .tied_to(TieKind::MemberOf, query.member_of)
        .having(TieKind::MemberOf, query.member)
        .with_words(Facet::Word, words);
    list.sorted(query.sort).answer(&app, networks).await
}

/// Read a network.
#[utoipa::path(tag = "networks", params(("id" = NetworkId, Path, description = "The network."), MomentQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "The network.", body = NetworkAnswer)))]
#[get("/networks/{id}")]
pub(crate) async fn read_network(
    app: Data<App>,
    reading: Reading,
    id: Path<NetworkId>,
    query: Query<MomentQuery>,
) -> Result<HttpResponse, Problem> {
    records::one(&app, reading, *id, query.0, store::read::<Network>).await
}

/// Read the history of a network.
///
/// Every state it was left in, from the first; a deleted one keeps its history.
#[utoipa::path(tag = "networks", params(("id" = NetworkId, Path, description = "The network."), HistoryQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of its states.", body = NetworkHistory)))]
#[get("/networks/{id}/history")]
pub(crate) async fn read_network_history(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<NetworkId>,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse, Problem> {
    records::history::<Network>(&app, &caller, &request, id.uuid(), query.0).await
}

/// Record a network.
#[utoipa::path(tag = "networks", params(WriteParams), request_body = NetworkFields, security(("bearer" = ["read", "write"])),
    responses((status = 201, description = "The network as recorded.", body = NetworkAnswer)))]
#[post("/networks")]
pub(crate) async fn create_network(
    app: Data<App>,
    writing: Writing,
    new: Body<NetworkFields>,
) -> Result<HttpResponse, Problem> {
    let id = NetworkId::new(app.new_id());
    let belongs_to = |_: &NetworkFields| Vec::new();
    app.create(
        writing,
        Action::CreateNetwork,
        id,
        new,
        belongs_to,
        move |tx, permit, fields| {
            let known = store::known(tx, permit, fields.named())?;
            let network = Network::create(id, fields.clone(), &known)?;
            Ok(store::insert(tx, permit, &network)?)
        },
    )
    .await
}

/// Change a network.
///
/// A JSON merge patch (RFC 7396): a list given replaces the whole list, `null` clears a member.
#[utoipa::path(tag = "networks", params(("id" = NetworkId, Path, description = "The network."), WriteParams),
    request_body(content = NetworkPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The network as changed.", body = NetworkAnswer)))]
#[patch("/networks/{id}")]
pub(crate) async fn change_network(
    app: Data<App>,
    writing: Writing,
    id: Path<NetworkId>,
    patch: Patch,
) -> Result<HttpResponse, Problem> {
    app.change(
        writing,
        Action::ChangeNetwork,
        *id,
        store::for_change,
        patch.into(),
        |tx, permit, present: Network, patch: &Patch| {
            let fields = patch.apply(&present.fields)?;
            let article = under_the_article(present.id);
            let texts = relations::resting_on::<FoundingTextFields>(tx, &article)?;
            let known = store::known(tx, permit, fields.named())?;
            let changed = present.change(fields, &known, &texts)?;
            Ok(store::update(tx, permit, ChangeKind::Updated, &changed)?)
        },
    )
    .await
}

/// Say that a phase of a network's life begins.
///
/// What is `closed` is `ended` in the feed; any other phase is an update.
#[utoipa::path(tag = "networks", params(("id" = NetworkId, Path, description = "The network."), WriteParams),
    request_body = Phase, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The network, with one more phase.", body = NetworkAnswer)))]
#[post("/networks/{id}/phases")]
pub(crate) async fn enter_phase(
    app: Data<App>,
    writing: Writing,
    id: Path<NetworkId>,
    phase: Body<Phase>,
) -> Result<HttpResponse, Problem> {
    app.change(
        writing,
        Action::EnterPhase,
        *id,
        store::for_change,
        phase,
        |tx, permit, present: Network, phase| {
            let entered = present.enter(phase.clone())?;
            let change = match phase.state {
                NetworkState::Closed => ChangeKind::Ended,
                _ => ChangeKind::Updated,
            };
            Ok(store::update(tx, permit, change, &entered)?)
        },
    )
    .await
}

/// Delete a network recorded by mistake.
///
/// What existed is closed, not deleted. Its history stays, and its address answers 410.
#[utoipa::path(tag = "networks", params(("id" = NetworkId, Path, description = "The network."), WriteParams),
    security(("bearer" = ["read", "write"])),
    responses((status = 204, description = "It is deleted.")))]
#[delete("/networks/{id}")]
pub(crate) async fn delete_network(
    app: Data<App>,
    writing: Writing,
    id: Path<NetworkId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::DeleteNetwork, store::for_deletion);
    app.delete(
        writing,
        action,
        *id,
        find,
        |tx, permit, present: &Network| {
            present.delete(store::tied(tx, present.id.uuid())?)?;
            Ok(store::delete(tx, permit, present)?)
        },
    )
    .await
}
