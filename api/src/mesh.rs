//! `/v1/networks/{id}/neighbours` and `/v1/mesh`: what networks share with one another.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{Action, Actor, Visibility};
use domain::concerns::Theme;
use domain::mesh::{self as rules, Edge, Shared};
use domain::networks::{Network, NetworkId};
use domain::records::{Card, RecordRef, Resource};
use domain::territories::TerritoryId;
use domain::values::Date;
use persistence::mesh::{self, Chosen, Sight};
use persistence::page::{After, SortBy};
use persistence::{Db, directory, records as store};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::http::answer;
use crate::http::asked::Caller;
use crate::http::cursor;
use crate::http::list::{self, Items, Limit};
use crate::http::query::{Query, parsed};
use crate::http::records;
use crate::problem::Problem;
use crate::territories::{self, Named};
use crate::words::Request;

/// The most networks that one mesh is made of.
const MOST_NODES: i64 = 200;

/// The most of what two networks share that is told by name.
const MOST_NAMED: usize = 50;

/// Of which day, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeighbourQuery {
    /// The day on which they share something; today when left out.
    as_of: Option<Date>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
}

/// A network that shares something with one.
#[derive(Serialize, ToSchema)]
pub struct Neighbour {
    /// What is public of it.
    network: Card,
    /// Whether one of the two is a member of the other.
    joined: bool,
    /// How many members both have.
    members: usize,
    /// What is public of these: of fifty at most.
    #[schema(max_items = 50)]
    shared_members: Vec<Card>,
    /// The themes of both.
    #[schema(max_items = 23)]
    themes: Vec<Theme>,
    /// How many communes both cover.
    communes: usize,
    /// The INSEE codes of these: of fifty at most.
    #[schema(max_items = 50)]
    shared_communes: Vec<String>,
}

/// List the networks that share members, themes or communes with one.
///
/// The strongest ties first: being a member of one another, then members in common, then themes, then communes. Only
/// networks in sight, and members whose memberships of both are.
#[utoipa::path(tag = "networks", params(("id" = NetworkId, Path, description = "The network."), NeighbourQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of networks.", body = Items<Neighbour>)))]
#[get("/networks/{id}/neighbours")]
pub(crate) async fn list_neighbours(
    app: Data<App>,
    caller: Caller,
    id: Path<NetworkId>,
    query: Query<NeighbourQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let (id, limit) = (*id, query.limit.number());
    let after = query.after.as_deref();
    let after = after
        .map(|after| cursor::in_list(after, SortBy::Name))
        .transpose()?;
    let day = query.as_of.unwrap_or(app.today());
    let read = move |db: &mut Db, actor: &Actor, visible: Visibility| {
        records::in_sight::<Network>(db, actor, id)?;
        let around = mesh::around(db, sight(actor, visible)?, id, day)?;
        let mut near = rules::neighbours(id, &around);
        near.retain(|one| {
            after
                .as_ref()
                .is_none_or(|after| is_after(&place(one), after))
        });
        let next = list::cut_at(&mut near, limit, place);
        Ok(Items::new(told(db, &near, day)?, next))
    };
    let page = app.snapshot(&caller, Network::READ, read).await?;
    Ok(page.answer(&request))
}

/// What an actor sees of networks and of memberships.
fn sight<'a>(actor: &'a Actor, networks: Visibility<'a>) -> Result<Sight<'a>, Problem> {
    let memberships = actor.visibility(Action::ReadMemberships)?;
    Ok(Sight {
        networks,
        memberships,
    })
}

fn place((id, shared): &(NetworkId, Shared)) -> After {
    let key = shared.strength().key();
    After { key, id: id.uuid() }
}

fn is_after(place: &After, after: &After) -> bool {
    (&after.key, after.id) < (&place.key, place.id)
}

fn told(db: &mut Db, near: &[(NetworkId, Shared)], day: Date) -> Result<Vec<Neighbour>, Problem> {
    let members = near
        .iter()
        .flat_map(|(_, shared)| shared.members.iter().take(MOST_NAMED));
    let named: BTreeSet<RecordRef> = near
        .iter()
        .map(|(id, _)| (*id).into())
        .chain(members.copied())
        .collect();
    let cards = store::cards(db, &named, day)?;
    let communes = near
        .iter()
        .flat_map(|(_, shared)| shared.communes.iter().take(MOST_NAMED));
    let codes = directory::by_code(db, &communes.copied().collect())?;
    let codes: BTreeMap<TerritoryId, String> =
        codes.into_iter().map(|(code, id)| (id, code)).collect();
    let told = near.iter().filter_map(|(id, shared)| {
        let strength = shared.strength();
        let members = shared.members.iter().take(MOST_NAMED);
        let communes = shared.communes.iter().take(MOST_NAMED);
        Some(Neighbour {
            network: cards.get(&(*id).into())?.clone(),
            joined: strength.joined,
            members: strength.members,
            shared_members: members
                .filter_map(|member| cards.get(member).cloned())
                .collect(),
            themes: shared.themes.iter().copied().collect(),
            communes: strength.communes,
            shared_communes: communes.filter_map(|id| codes.get(id).cloned()).collect(),
        })
    });
    Ok(told.collect())
}

/// Which networks a mesh is made of.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MeshQuery {
    /// Those that work on this theme.
    theme: Option<Theme>,
    /// Those that work in a territory that shares a commune with this one, by id or as `kind:code`.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, example = "epci:200066918", pattern = "^((commune|epci|departement|region|qpv):[0-9A-Za-z]{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    territory: Option<Named>,
    /// Those that existed on this day; today when left out.
    as_of: Option<Date>,
}

/// Networks, and what they share.
#[derive(Serialize, ToSchema)]
pub struct Mesh {
    /// What is public of each network.
    #[schema(max_items = 200)]
    nodes: Vec<Card>,
    /// Every two of them that share something.
    #[schema(max_items = 19_900)]
    edges: Vec<MeshEdge>,
}

/// What two networks share, in numbers.
#[derive(Serialize, ToSchema)]
pub struct MeshEdge {
    /// The one that was recorded first.
    one: NetworkId,
    /// The other.
    other: NetworkId,
    /// Whether one of the two is a member of the other.
    joined: bool,
    /// How many members both have.
    members: usize,
    /// How many themes.
    themes: usize,
    /// How many communes.
    communes: usize,
}

impl From<Edge> for MeshEdge {
    fn from(
        Edge {
            one,
            other,
            strength,
        }: Edge,
    ) -> Self {
        Self {
            one,
            other,
            joined: strength.joined,
            members: strength.members,
            themes: strength.themes,
            communes: strength.communes,
        }
    }
}

/// Read the mesh of networks: nodes and edges, to be drawn.
///
/// Only networks in sight, and members whose memberships of both are. A mesh has 200 networks at most: more are refused,
/// and to be chosen by theme and territory.
#[utoipa::path(tag = "networks", params(MeshQuery), security(("bearer" = ["read"])),
    responses((status = 200, description = "The mesh.", body = Mesh)))]
#[get("/mesh")]
pub(crate) async fn read_mesh(
    app: Data<App>,
    caller: Caller,
    query: Query<MeshQuery>,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let day = query.as_of.unwrap_or(app.today());
    let chosen = Chosen {
        theme: query.theme,
        territories: territories::touching(&app, query.territory, day).await?,
        day,
    };
    let read = move |db: &mut Db, actor: &Actor, visible: Visibility| {
        let sight = sight(actor, visible)?;
        let held = mesh::chosen(db, sight, &chosen, MOST_NODES.saturating_add(1))?;
        if i64::try_from(held.len()).unwrap_or(i64::MAX) > MOST_NODES {
            return Err(Request::TooManyNodes { most: MOST_NODES }.into());
        }
        let nodes = held.keys().map(|id| (*id).into()).collect();
        let cards = store::cards(db, &nodes, chosen.day)?;
        Ok(Mesh {
            nodes: cards.into_values().collect(),
            edges: rules::edges(&held)
                .into_iter()
                .map(MeshEdge::from)
                .collect(),
        })
    };
    let mesh = app.snapshot(&caller, Network::READ, read).await?;
    Ok(answer::json(StatusCode::OK).body(json!(mesh).to_string()))
}
