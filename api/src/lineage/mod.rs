//! `/v1/lineage-events`, and the family trees of networks and organisations.

mod acts;
mod tree;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::{Action, Actor, Visibility};
use domain::lineage::{
    LineageEvent, LineageEventId, LineageFields, LineageHindrance, LineageKind, Undo,
};
use domain::networks::{Network, NetworkId};
use domain::organisations::{Organisation, OrganisationId};
use domain::records::{Facet, Resource, TieKind};
use domain::values::{Date, Version};
use persistence::{Db, lineage, organisations, records as store};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::{App, Telling};
use crate::code_lists::ours;
use crate::http::answer;
use crate::http::asked::{Caller, Reading, Writing};
use crate::http::body::Body;
use crate::http::list::{Asked, ListParams};
use crate::http::query::{Nothing, Query, truth};
use crate::http::records::{self, HistoryQuery, MomentQuery};
use crate::openapi::{Listed, Past, Recorded, WriteParams};
use crate::problem::Problem;
use crate::room::Room;
pub(crate) use acts::record;
use tree::FamilyTree;

type EventAnswer = Recorded<LineageEvent>;
type EventPage = Listed<LineageEvent>;
type EventHistory = Past<LineageEvent>;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "lineage",
        "Mergers, splits and successions of networks and organisations: what became of which, from which day on, \
         and the family trees that follow from them.",
    ),
    routes: |v1| {
        v1.service(list_lineage_events)
            .service(record_lineage_event)
            .service(read_lineage_event)
            .service(read_lineage_event_history)
            .service(undo_lineage_event)
            .service(read_network_lineage)
            .service(read_organisation_lineage);
    },
    code_lists: || vec![ours::<LineageKind>(), ours::<LineageHindrance>()],
};

/// Which events, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LineageQuery {
    /// Of this kind.
    kind: Option<LineageKind>,
    /// Of this network or organisation, which went on as others.
    predecessor: Option<Uuid>,
    /// Of this network or organisation, which comes from others.
    successor: Option<Uuid>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Only those that had taken effect on this day.
    as_of: Option<Date>,
}

/// List mergers, splits and successions.
#[utoipa::path(tag = "lineage", params(LineageQuery, ListParams), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of events.", body = EventPage)))]
#[get("/lineage-events")]
pub(crate) async fn list_lineage_events(
    app: Data<App>,
    asked: Asked<LineageQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let events = store::Filter::<LineageEvent>::on(query.as_of, app.today())
        .with(Facet::Kind, query.kind)
        .with(Facet::Fictitious, query.fictitious)
        .tied_to(TieKind::Predecessor, query.predecessor)
        .tied_to(TieKind::Successor, query.successor);
    list.answer(&app, events).await
}

/// Record a merger, a split or a succession.
///
/// From the day on, each predecessor is `merged` and names its successors, and what is tied to it goes on with
/// them: memberships, bearers, facilitations, objectives, actions and poolings that hold on that day or later are
/// ended there and go on, to their own end; what is then said twice is one. The warning `also_written` of the
/// answer tells which records that writes, with `dry_run=true` before anything is kept. Who records it must
/// have every right over each of them.
#[utoipa::path(tag = "lineage", params(WriteParams), request_body = LineageFields, security(("bearer" = ["read", "write"])),
    responses((status = 201, description = "The event as recorded.", body = EventAnswer)))]
#[post("/lineage-events")]
pub(crate) async fn record_lineage_event(
    app: Data<App>,
    writing: Writing,
    new: Body<LineageFields>,
) -> Result<HttpResponse, Problem> {
    let id = LineageEventId::new(app.new_id());
    let belongs_to = move |fields: &LineageFields| {
        let event = LineageEvent {
            id,
            version: Version::FIRST,
            fields: fields.clone(),
            undone: None,
        };
        event.belongs_to()
    };
    let telling = Telling {
        writing,
        odd: Some(acts::also_written),
    };
    let ids = app.clone();
    app.create(
        telling,
        Action::RecordLineage,
        id,
        new,
        belongs_to,
        move |tx, permit, fields| acts::record(tx, permit, id, fields, &mut || ids.new_id()),
    )
    .await
}

/// Read a lineage event.
#[utoipa::path(tag = "lineage", params(("id" = LineageEventId, Path, description = "Which."), MomentQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "The event.", body = EventAnswer)))]
#[get("/lineage-events/{id}")]
pub(crate) async fn read_lineage_event(
    app: Data<App>,
    reading: Reading,
    id: Path<LineageEventId>,
    query: Query<MomentQuery>,
) -> Result<HttpResponse, Problem> {
    records::one(&app, reading, *id, query.0, store::read::<LineageEvent>).await
}

/// Read the history of a lineage event.
#[utoipa::path(tag = "lineage", params(("id" = LineageEventId, Path, description = "Which."), HistoryQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of its states.", body = EventHistory)))]
#[get("/lineage-events/{id}/history")]
pub(crate) async fn read_lineage_event_history(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<LineageEventId>,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse, Problem> {
    records::history::<LineageEvent>(&app, &caller, &request, id.uuid(), query.0).await
}

/// Take a lineage event back.
///
/// Everything that it wrote is again as it was before, one version later. Refused, with what is in the way, once
/// one of these records was written by another act, something else was tied to them, or a later event takes from
/// what this one brought about.
#[utoipa::path(tag = "lineage", params(("id" = LineageEventId, Path, description = "Which."), WriteParams),
    request_body = Undo, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The event, taken back.", body = EventAnswer)))]
#[post("/lineage-events/{id}/undo")]
pub(crate) async fn undo_lineage_event(
    app: Data<App>,
    writing: Writing,
    id: Path<LineageEventId>,
    undo: Body<Undo>,
) -> Result<HttpResponse, Problem> {
    app.change(
        writing,
        Action::UndoLineage,
        *id,
        lineage::for_change,
        undo,
        |tx, permit, present: LineageEvent, undo| acts::undo(tx, permit, present, undo),
    )
    .await
}

/// Read what a network comes from and what became of it.
///
/// Up and down, through any number of events, as far as the reader may see them.
#[utoipa::path(tag = "lineage", params(("id" = NetworkId, Path, description = "The network.")),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "Its family.", body = FamilyTree)))]
#[get("/networks/{id}/lineage")]
pub(crate) async fn read_network_lineage(
    app: Data<App>,
    caller: Caller,
    id: Path<NetworkId>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (id, today) = (*id, app.today());
    let read = move |db: &mut Db, actor: &Actor, visible: Visibility| {
        let network: Network = records::in_sight(db, actor, id)?;
        tree::of(db, visible, network.itself(), today)
    };
    let tree = app.snapshot(&caller, LineageEvent::READ, read).await?;
    Ok(answer::json(StatusCode::OK).body(json!(tree).to_string()))
}

/// Read what an organisation comes from and what became of it.
///
/// Up and down, through any number of events, as far as the reader may see them.
#[utoipa::path(tag = "lineage", params(("id" = OrganisationId, Path, description = "The organisation.")),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "Its family.", body = FamilyTree)))]
#[get("/organisations/{id}/lineage")]
pub(crate) async fn read_organisation_lineage(
    app: Data<App>,
    caller: Caller,
    id: Path<OrganisationId>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (id, today) = (*id, app.today());
    let read = move |db: &mut Db, actor: &Actor, visible: Visibility| {
        let in_sight = actor.visibility(Organisation::READ)?;
        if organisations::with_ids(db, in_sight, &[id])?.is_empty() {
            return Err(answer::absent(db, in_sight, Organisation::TYPE, id.uuid())?);
        }
        tree::of(db, visible, id.into(), today)
    };
    let tree = app.snapshot(&caller, LineageEvent::READ, read).await?;
    Ok(answer::json(StatusCode::OK).body(json!(tree).to_string()))
}
