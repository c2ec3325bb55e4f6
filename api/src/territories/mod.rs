//! `/v1/territories`, and loading the reference lists.

pub mod files;
pub mod load;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use domain::access::{Action, Visibility};
use domain::records::ChangeKind;
use domain::territories::{
    EndOfTerritory, EpciForm, Holders, Setting, Territory, TerritoryCode, TerritoryFields,
    TerritoryId, TerritoryKind, TerritoryState, Uncertain,
};
use domain::values::{Date, Label, ValueError};
use persistence::places::{self, Places};
use persistence::territories::{self, Filter, Place};
use persistence::{Db, Fault};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::App;
use crate::code_lists::ours;
use crate::http::asked::{Caller, Reading, Writing};
use crate::http::body::{Body, Patch};
use crate::http::list::{self, Asked, ListParams, Listing, Sort};
use crate::http::query::{Query, parsed};
use crate::http::records::{self, HistoryQuery, MomentQuery};
use crate::openapi::{Listed, MergePatch, Past, Recorded, WriteParams};
use crate::problem::Problem;
use crate::room::Room;

type TerritoryAnswer = Recorded<Territory>;
type TerritoryPage = Listed<Territory>;
type TerritoryHistory = Past<Territory>;
type TerritoryPatch = MergePatch<TerritoryFields>;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "territories",
        "Communes, EPCI, départements and régions, and who holds whom at a date.",
    ),
    routes: |v1| {
        v1.service(list_territories)
            .service(create_territory)
            .service(read_territory)
            .service(change_territory)
            .service(delete_territory)
            .service(read_territory_history)
            .service(end_territory);
    },
    code_lists: || {
        vec![
            ours::<TerritoryKind>(),
            ours::<EpciForm>(),
            ours::<TerritoryState>(),
            ours::<Uncertain>(),
            ours::<Setting>(),
        ]
    },
};

/// Which territories, in which order, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TerritoryQuery {
    /// Of this kind.
    kind: Option<TerritoryKind>,
    /// With this official code: INSEE, or SIREN for an EPCI. It may recur across kinds.
    code: Option<TerritoryCode>,
    /// Part of this territory, by id or as `kind:code`: the communes of an EPCI; of a drawn one, its
    /// members and the communes of its EPCI.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, example = "epci:200066918", pattern = "^((commune|epci|departement|region|qpv):[0-9A-Za-z]{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    within: Option<Named>,
    /// Having this territory as a part, by id or as `kind:code`: the EPCI of a commune, and the
    /// drawn ones that it is in.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, example = "commune:30007", pattern = "^((commune|epci|departement|region|qpv):[0-9A-Za-z]{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    containing: Option<Named>,
    /// Words that begin words of a name, past names too. Accents and case do not matter.
    q: Option<Label>,
    /// Only those that existed on this day, as far as is known, under the name they then bore, and
    /// linked as they then were. A link whose beginning is not known is taken to hold on any day
    /// before its end. Between two vintages whose answers differ, either may be true: the items say
    /// by `uncertain` what is not known of that day.
    as_of: Option<Date>,
    /// The order.
    #[serde(default)]
    #[param(value_type = Option<Sort>, inline)]
    sort: Sort,
}

/// A territory, by its id or as `kind:code`.
#[derive(Clone, Debug)]
pub(crate) struct Named(pub(crate) Place);

impl std::str::FromStr for Named {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Ok(Self(match text.split_once(':') {
            Some((kind, code)) => Place::Code(kind.parse()?, code.parse()?),
            None => Place::Id(text.parse()?),
        }))
    }
}

/// Every territory that shares a commune with a place on a day, as far as anything may be tied to it; nothing where no
/// place is given.
pub(crate) async fn touching(
    app: &App,
    place: Option<Named>,
    day: Date,
) -> Result<Option<Vec<Uuid>>, Problem> {
    looked_up(app, place, day, places::touching).await
}

/// Every territory that holds a place on a day, and the place itself; nothing where no place is given.
pub(crate) async fn holding(
    app: &App,
    place: Option<Named>,
    day: Date,
) -> Result<Option<Vec<Uuid>>, Problem> {
    looked_up(app, place, day, places::holding).await
}

/// Which territories lie so to others on a day.
type Lying = fn(&mut Db, &Places, Date) -> Result<Places, Fault>;

async fn looked_up(
    app: &App,
    place: Option<Named>,
    day: Date,
    lying: Lying,
) -> Result<Option<Vec<Uuid>>, Problem> {
    let Some(Named(place)) = place else {
        return Ok(None);
    };
    let read = move |db: &mut Db| {
        let asked = places::at(db, &place, day)?;
        let found = lying(db, &asked, day)?;
        Ok(places::worked_in(db, &found)?)
    };
    app.read_with_rights(read).await.map(Some)
}

/// List territories.
#[utoipa::path(tag = "territories", params(TerritoryQuery, ListParams), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of territories.", body = TerritoryPage)))]
#[get("/territories")]
pub(crate) async fn list_territories(
    app: Data<App>,
    asked: Asked<TerritoryQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let filter = Filter {
        kind: query.kind,
        code: query.code,
        within: query.within.map(|Named(place)| place),
        containing: query.containing.map(|Named(place)| place),
        on: query.as_of,
        words: list::words_of(query.q.as_ref())?,
    };
    list.sorted(query.sort).answer(&app, filter).await
}

impl Listing for Filter {
    type Record = Territory;
    type Filter = Self;

    fn filter(&self) -> &Self {
        self
    }

    fn around(
        &self,
        db: &mut Db,
        visible: Visibility,
        day: Date,
        records: &[Territory],
    ) -> Result<Holders, Fault> {
        let ids: Vec<TerritoryId> = records.iter().map(|territory| territory.id).collect();
        territories::holders(db, visible, &ids, day)
    }
}

/// Read a territory.
#[utoipa::path(tag = "territories", params(("id" = TerritoryId, Path, description = "The territory."), MomentQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "The territory.", body = TerritoryAnswer)))]
#[get("/territories/{id}")]
pub(crate) async fn read_territory(
    app: Data<App>,
    reading: Reading,
    id: Path<TerritoryId>,
    query: Query<MomentQuery>,
) -> Result<HttpResponse, Problem> {
    records::one(&app, reading, *id, query.0, territories::read).await
}

/// Read the history of a territory.
#[utoipa::path(tag = "territories", params(("id" = TerritoryId, Path, description = "The territory."), HistoryQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of its states.", body = TerritoryHistory)))]
#[get("/territories/{id}/history")]
pub(crate) async fn read_territory_history(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<TerritoryId>,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse, Problem> {
    records::history::<Territory>(&app, &caller, &request, id.uuid(), query.0).await
}

/// Draw a territory.
///
/// A dated set of communes and EPCI: a basin, a « pays », a PETR. Communes, EPCI, départements,
/// régions and priority districts come from reference lists, which the program loads.
#[utoipa::path(tag = "territories", params(WriteParams), request_body = TerritoryFields, security(("bearer" = ["read", "write"])),
    responses((status = 201, description = "The territory as recorded.", body = TerritoryAnswer)))]
#[post("/territories")]
pub(crate) async fn create_territory(
    app: Data<App>,
    writing: Writing,
    new: Body<TerritoryFields>,
) -> Result<HttpResponse, Problem> {
    let id = TerritoryId::new(app.new_id());
    app.create::<Territory, _>(
        writing,
        Action::CreateTerritory,
        id,
        new,
        |_| Vec::new(),
        move |tx, permit, fields| {
            let known = territories::known(tx, fields.named())?;
            let drawn = Territory::draw(id, fields.clone(), &known)?;
            Ok(territories::insert(tx, permit, &drawn)?)
        },
    )
    .await
}

/// Change a drawn territory.
///
/// A JSON merge patch (RFC 7396): a list given replaces the whole list, `null` clears a member.
#[utoipa::path(tag = "territories", params(("id" = TerritoryId, Path, description = "The territory."), WriteParams),
    request_body(content = TerritoryPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The territory as changed.", body = TerritoryAnswer)))]
#[patch("/territories/{id}")]
pub(crate) async fn change_territory(
    app: Data<App>,
    writing: Writing,
    id: Path<TerritoryId>,
    patch: Patch,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::ChangeTerritory, territories::for_change);
    app.change(
        writing,
        action,
        *id,
        find,
        patch.into(),
        |tx, permit, present: Territory, patch: &Patch| {
            let fields = patch.apply(&present.drawn_fields()?)?;
            let known = territories::known(tx, fields.named())?;
            let changed = present.redraw(fields, &known)?;
            Ok(territories::update(
                tx,
                permit,
                ChangeKind::Updated,
                &changed,
            )?)
        },
    )
    .await
}

/// Say that a drawn territory ended.
#[utoipa::path(tag = "territories", params(("id" = TerritoryId, Path, description = "The territory."), WriteParams),
    request_body = EndOfTerritory, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The territory, with its end.", body = TerritoryAnswer)))]
#[post("/territories/{id}/end")]
pub(crate) async fn end_territory(
    app: Data<App>,
    writing: Writing,
    id: Path<TerritoryId>,
    end: Body<EndOfTerritory>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::EndTerritory, territories::for_change);
    app.change(
        writing,
        action,
        *id,
        find,
        end,
        |tx, permit, present: Territory, end| {
            let ended = present.end(end.clone())?;
            Ok(territories::update(tx, permit, ChangeKind::Ended, &ended)?)
        },
    )
    .await
}

/// Delete a drawn territory recorded by mistake.
///
/// What existed is ended, not deleted. Its history stays, and its address answers 410.
#[utoipa::path(tag = "territories", params(("id" = TerritoryId, Path, description = "The territory."), WriteParams),
    security(("bearer" = ["read", "write"])),
    responses((status = 204, description = "It is deleted.")))]
#[delete("/territories/{id}")]
pub(crate) async fn delete_territory(
    app: Data<App>,
    writing: Writing,
    id: Path<TerritoryId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::DeleteTerritory, territories::for_change);
    app.delete(
        writing,
        action,
        *id,
        find,
        |tx, permit, present: &Territory| {
            present.delete()?;
            Ok(territories::delete(tx, permit, present)?)
        },
    )
    .await
}
