//! `/v1/changes`.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{Action, Actor};
use domain::records::{ChangeKind, ResourceType};
use jiff::Timestamp;
use persistence::changes::{self, Lost, Sight};
use persistence::{Db, callers};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::Keys;
use crate::app::App;
use crate::code_lists::ours;
use crate::exports;
use crate::http::answer;
use crate::http::asked::Caller;
use crate::http::cursor::{self, Standing, Turning};
use crate::http::list::Limit;
use crate::http::query::Query;
use crate::problem::Problem;
use crate::room::Room;
use crate::words::Request;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: ("changes", "What changed, in the order it was committed."),
    routes: |v1| {
        v1.service(read_changes).service(exports::export_records);
    },
    code_lists: || vec![ours::<ResourceType>(), ours::<ChangeKind>()],
};

/// From where, and of which types.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The cursor from `next` of the page before, or `now` for one from which to follow what comes.
    /// From the very beginning when left out.
    after: Option<String>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// Only changes of this type of record.
    r#type: Option<ResourceType>,
}

/// A change.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "answered as joined JSON; here only to be documented"
)]
pub struct Change {
    /// Its place in the feed: never less than that of a change told before it.
    position: i64,
    /// When it was committed; never earlier than the change before it.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened.
    op: ChangeKind,
    /// To what type of record.
    r#type: ResourceType,
    /// To which.
    id: Uuid,
    /// The version that it left.
    version: i64,
    /// The request that did it; `null` when the record came or went with the reader's own rights.
    request_id: Option<String>,
    /// The record as it then was; `null` once deleted or out of scope.
    #[schema(value_type = Option<Object>)]
    body: Option<serde_json::Value>,
}

/// A page of changes.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "answered as joined JSON; here only to be documented"
)]
pub struct ChangePage {
    /// The changes, in the order they were committed.
    #[schema(max_items = 200)]
    items: Vec<Change>,
    /// The cursor to go on from, always: nothing will ever appear behind it.
    next: String,
    /// Whether there is more right now.
    more: bool,
}

/// Follow what changes.
///
/// Once a reader has passed a cursor, nothing ever appears behind it. 410 `changes.resync` when
/// nothing certain can be told from it: its past was trimmed, it belongs to another base or to a
/// past that a restored base no longer has, or the reader's rights came to reach everything or
/// ceased to. Then take a cursor with `after=now`, read everything, and follow from that cursor.
///
/// A reader whose rights reach part of what there is gets `entered_scope` with the record when one
/// comes into what it may see, by whatever cause (a write, a grant, a date), and `left_scope` when
/// it goes out: forget it then.
#[utoipa::path(tag = "changes", params(ChangesQuery), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of changes.", body = ChangePage),
        (status = 410, description = "Nothing certain can be told from this cursor.", content_type = "application/problem+json", body = crate::openapi::ProblemView)))]
#[get("/changes")]
pub(crate) async fn read_changes(
    app: Data<App>,
    caller: Caller,
    query: Query<ChangesQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let state = app.clone();
    let (body, next) = app
        .snapshot(&caller, Action::ReadChanges, move |db, actor, _| {
            let following = actor.holding(Action::ReadChanges);
            let mut told = told(db, &following, &query, state.keys())?;
            let states = told
                .entries
                .iter_mut()
                .filter_map(|entry| Some((entry.resource_type, entry.id, entry.body.as_mut()?)));
            answer::complete(db, &following, states)?;
            let next = cursor::of_feed(told.standing, state.keys())?;
            Ok((page(&told.entries, &next, told.more), next))
        })
        .await?;
    Ok(answer::json(StatusCode::OK)
        .insert_header(answer::link_to_next(&request, &next))
        .body(body))
}

/// What a reader is told next, and where it stands then.
struct Told {
    entries: Vec<changes::Entry>,
    standing: Standing,
    more: bool,
}

fn told(db: &mut Db, actor: &Actor, query: &ChangesQuery, keys: &Keys) -> Result<Told, Problem> {
    let limit = query.limit.number();
    let types: Vec<ResourceType> = query.r#type.into_iter().collect();
    let sight = |actor: &Actor| Sight::of(actor).only(&types);
    let rights = actor.rights_version;
    let at = |place| Standing {
        place,
        rights,
        turning: None,
    };
    let place = match query.after.as_deref() {
        None => None,
        Some("now") => Some(changes::end(db)?),
        Some(cursor) => {
            let standing = cursor::in_feed(cursor, keys)?;
            if let Some(told) = turned(db, actor, standing, &sight, limit)? {
                return Ok(told);
            }
            Some(standing.place)
        }
    };
    let told =
        changes::after(db, &sight(actor), place, limit)?.map_err(|lost| Request::Resync {
            reason: reason(lost),
        })?;
    Ok(Told {
        entries: told.entries,
        standing: at(told.next),
        more: told.more,
    })
}

/// What comes in sight and goes out because the reader's rights changed since the cursor was given;
/// nothing when they did not, or when it makes no difference.
fn turned(
    db: &mut Db,
    actor: &Actor,
    from: Standing,
    sight: &impl Fn(&Actor) -> Sight,
    limit: i64,
) -> Result<Option<Told>, Problem> {
    let Some(caller) = actor.caller() else {
        return Ok(None);
    };
    let now = actor.rights_version;
    if from.rights == now && from.turning.is_none() {
        return Ok(None);
    }
    // Half of what one change of rights brings, and then another: that cannot be told.
    if from.turning.is_some_and(|turning| turning.to != now) {
        let reason = "rights_changed";
        return Err(Request::Resync { reason }.into());
    }
    let mut at = |version| {
        let held = callers::held_at(db, caller, version)?;
        let then = Actor {
            held,
            ..actor.clone()
        };
        Ok::<_, Problem>(sight(&then.holding(Action::ReadChanges)))
    };
    let (old, new) = (at(from.rights)?, sight(actor));
    if !old.can_become(&new) {
        let reason = "rights_changed";
        return Err(Request::Resync { reason }.into());
    }
    if let Some(lost) = changes::lost_at(db, from.place)? {
        return Err(Request::Resync {
            reason: reason(lost),
        }
        .into());
    }
    let after = from.turning.map(|turning| turning.after);
    let (entries, last) = changes::catch_up(db, from.place, [&old, &new], after, limit)?;
    if entries.is_empty() && last.is_none() {
        return Ok(None);
    }
    let standing = match last {
        Some(after) => Standing {
            turning: Some(Turning { to: now, after }),
            ..from
        },
        None => Standing {
            rights: now,
            turning: None,
            ..from
        },
    };
    Ok(Some(Told {
        entries,
        standing,
        more: true,
    }))
}

fn reason(lost: Lost) -> &'static str {
    match lost {
        Lost::Trimmed => "trimmed",
        Lost::OtherPast => "other_past",
    }
}

fn page(entries: &[changes::Entry], next: &str, more: bool) -> String {
    let size: usize = entries
        .iter()
        .map(|entry| entry.body.as_ref().map_or(4, String::len) + 300)
        .sum();
    let mut page = String::with_capacity(size + 100);
    page.push_str("{\"items\":[");
    for (index, entry) in entries.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(
            page,
            "{comma}{{\"position\":{},\"at\":\"{}\",\"op\":\"{}\",\"type\":\"{}\",\"id\":\"{}\",\"version\":{},\"request_id\":{},\"body\":{}}}",
            entry.place.position,
            entry.at,
            entry.change,
            entry.resource_type,
            entry.id,
            entry.version,
            json!(entry.request_id),
            entry.body.as_deref().unwrap_or("null"),
        );
    }
    let _ = write!(page, "],\"next\":\"{next}\",\"more\":{more}}}");
    page
}
