//! `/v1/directory` and `/v1/coverage`: who works on what, where, as the installation publishes it.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{Action, Actor, Visibility};
use domain::concerns::Theme;
use domain::records::{Card, Resource, ResourceType};
use domain::territories::{Territory, TerritoryCode, TerritoryId, TerritoryKind};
use domain::values::{Date, InseeCode, Label};
use persistence::directory::{self, Entry, Sought};
use persistence::page::{After, SortBy};
use persistence::{Db, Fault, places};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::http::asked::Caller;
use crate::http::cursor;
use crate::http::list::{self, Items, Limit};
use crate::http::query::{Query, parsed, truth};
use crate::problem::Problem;
use crate::room::Room;
use crate::territories::Named;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "directory",
        "Who works on what, where, as this installation publishes it, and where nobody does: public fields only.",
    ),
    routes: |v1| {
        v1.service(read_directory).service(read_coverage);
    },
    code_lists: Vec::new,
};

/// Who is looked for, where.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DirectoryQuery {
    /// The INSEE code of the commune that they cover.
    commune: InseeCode,
    /// Working on this theme. Organisations have none: with it come networks alone.
    theme: Option<Theme>,
    /// Of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    of: Option<DirectoryType>,
    /// Words that begin words of a name, past names too. Accents and case do not matter.
    q: Option<Label>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Those that were active on this day; today when left out.
    as_of: Option<Date>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
}

/// What stands in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DirectoryType {
    /// Networks: réseaux, dispositifs, working groups and projects.
    Network,
    /// Organisations.
    Organisation,
}

/// Somebody who works here.
#[derive(Serialize, ToSchema)]
pub struct DirectoryEntry {
    /// What is public of it.
    card: Card,
    /// The themes it works on.
    #[schema(max_items = 23)]
    themes: Vec<Theme>,
    /// The smallest territory in which it works that holds the commune; of an organisation, the commune in which
    /// it has an address.
    through: PlaceName,
}

/// A territory by what it is called.
#[derive(Serialize, ToSchema)]
pub struct PlaceName {
    /// Which.
    id: TerritoryId,
    /// What it is.
    kind: TerritoryKind,
    /// Its official code; a drawn one has none.
    #[schema(required = true)]
    code: Option<TerritoryCode>,
    /// The name it bears that day.
    name: Label,
}

impl PlaceName {
    fn of(territory: Territory, day: Date) -> Self {
        Self {
            id: territory.id,
            kind: territory.kind,
            name: territory.on(day).answer.name,
            code: territory.code,
        }
    }
}

/// List who works in a commune.
///
/// Networks that are active on the day and work in a territory that holds the commune, and organisations with an
/// address in it: the smaller the territory the earlier, then by name. Public fields only, whoever asks; without a
/// token where the settings open the directory.
#[utoipa::path(tag = "directory", params(DirectoryQuery), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of the directory.", body = Items<DirectoryEntry>)))]
#[get("/directory")]
pub(crate) async fn read_directory(
    app: Data<App>,
    caller: Caller,
    query: Query<DirectoryQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let after = place_after(query.after.as_deref())?;
    let limit = query.limit.number();
    let sought = Sought {
        commune: query.commune,
        theme: query.theme,
        of: query.of.map(|of| match of {
            DirectoryType::Network => ResourceType::Network,
            DirectoryType::Organisation => ResourceType::Organisation,
        }),
        fictitious: query.fictitious,
        words: list::words_of(query.q.as_ref())?,
        day: query.as_of.unwrap_or(app.today()),
    };
    let read = move |db: &mut Db, _: &Actor, _: Visibility| {
        let mut entries = directory::page(db, &sought, after.as_ref(), limit)?;
        let next = list::cut_at(&mut entries, limit, |entry| After {
            key: entry.rank.key(),
            id: entry.rank.id,
        });
        Ok(Items::new(told(db, entries, sought.day)?, next))
    };
    let page = app.snapshot(&caller, Action::ReadDirectory, read).await?;
    Ok(page.answer(&request))
}

fn told(db: &mut Db, entries: Vec<Entry>, day: Date) -> Result<Vec<DirectoryEntry>, Fault> {
    let through = entries.iter().map(|entry| entry.rank.through).collect();
    let through = places::recorded(db, &through)?;
    let through: BTreeMap<TerritoryId, Territory> =
        through.into_iter().map(|one| (one.id, one)).collect();
    let told = entries.into_iter().filter_map(|entry| {
        let through = through.get(&entry.rank.through)?.clone();
        Some(DirectoryEntry {
            card: entry.card,
            themes: entry.themes,
            through: PlaceName::of(through, day),
        })
    });
    Ok(told.collect())
}

/// Which communes, and by whom they are covered.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CoverageQuery {
    /// The territory whose communes are looked at, by id or as `kind:code`.
    #[serde(deserialize_with = "named")]
    #[param(value_type = String, example = "epci:200066918", pattern = "^((commune|epci|departement|region|qpv):[0-9A-Za-z]{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    territory: Named,
    /// By networks that work on this theme.
    theme: Option<Theme>,
    /// On this day; today when left out.
    as_of: Option<Date>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
}

/// Reads a territory that must be named.
fn named<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Named, D::Error> {
    parsed(from)?.ok_or_else(|| serde::de::Error::missing_field("territory"))
}

/// How far the communes of a territory are covered.
#[derive(Serialize, ToSchema)]
pub struct CoverageAnswer {
    /// How many communes it has.
    communes: usize,
    /// How many of them some active network covers.
    covered: usize,
    /// The communes that none covers, by their codes.
    #[schema(max_items = 200)]
    items: Vec<PlaceName>,
    /// The cursor to give as `after` for the next page; `null` on the last.
    #[schema(required = true)]
    next: Option<String>,
}

/// Tell which communes of a territory no active network covers.
///
/// A network covers the communes of the territories in which it works; one that works in part of a commune, such as a
/// priority district, does not cover it.
#[utoipa::path(tag = "directory", params(CoverageQuery), security(("bearer" = ["read"])),
    responses((status = 200, description = "How many are covered, and a page of those that are not.", body = CoverageAnswer)))]
#[get("/coverage")]
pub(crate) async fn read_coverage(
    app: Data<App>,
    caller: Caller,
    query: Query<CoverageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let after = place_after(query.after.as_deref())?;
    let day = query.as_of.unwrap_or(app.today());
    let read = move |db: &mut Db, _: &Actor, _: Visibility| {
        let Named(place) = &query.territory;
        let coverage = directory::coverage(db, place, query.theme, day)?;
        let mut rows = directory::by_code(db, &coverage.uncovered)?;
        rows.retain(|(code, id)| {
            after
                .as_ref()
                .is_none_or(|after| (&*after.key, after.id) < (&**code, id.uuid()))
        });
        let next = list::cut_at(&mut rows, query.limit.number(), |(code, id)| After {
            key: code.clone(),
            id: id.uuid(),
        });
        let shown: BTreeSet<TerritoryId> = rows.into_iter().map(|(_, id)| id).collect();
        let mut items = places::recorded(db, &shown)?;
        items.sort_unstable_by(|one, other| (&one.code, one.id).cmp(&(&other.code, other.id)));
        Ok(CoverageAnswer {
            communes: coverage.communes,
            covered: coverage.covered(),
            items: items
                .into_iter()
                .map(|one| PlaceName::of(one, day))
                .collect(),
            next,
        })
    };
    let answer = app.snapshot(&caller, Action::ReadDirectory, read).await?;
    Ok(list::answer_of(&answer, answer.next.as_deref(), &request))
}

fn place_after(cursor: Option<&str>) -> Result<Option<After>, Request> {
    cursor
        .map(|after| cursor::in_list(after, SortBy::Name))
        .transpose()
}
