//! `/v1/changes`.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::Action;
use domain::records::{ChangeKind, ResourceType};
use jiff::Timestamp;
use persistence::changes::{self, Lost};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::http::answer;
use crate::http::asked::Caller;
use crate::http::cursor;
use crate::http::list::Limit;
use crate::http::query::Query;
use crate::problem::Problem;
use crate::words::Request;

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
    /// Its place in the feed: greater than that of every change committed before it.
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
    /// The request that did it.
    request_id: String,
    /// The record as it then was; `null` once deleted.
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
/// past that a restored base no longer has, or the reader's rights changed. Then take a cursor with
/// `after=now`, read everything, and follow from that cursor.
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
    let limit = query.limit.number();
    let (body, next) = app
        .snapshot(&caller, Action::ReadChanges, move |db, actor, visible| {
            let rights = actor.rights_version;
            let place = match query.after.as_deref() {
                None => None,
                Some("now") => Some(changes::end(db)?),
                Some(cursor) => {
                    let (place, given_for) = cursor::in_feed(cursor)?;
                    if given_for != rights {
                        return Err(Request::Resync {
                            reason: "rights_changed",
                        }
                        .into());
                    }
                    Some(place)
                }
            };
            let types: Vec<ResourceType> = query.r#type.into_iter().collect();
            let mut entries =
                changes::after(db, visible, place, &types, limit + 1)?.map_err(|lost| {
                    Request::Resync {
                        reason: match lost {
                            Lost::Trimmed => "trimmed",
                            Lost::OtherPast => "other_past",
                        },
                    }
                })?;
            let more = i64::try_from(entries.len()).is_ok_and(|len| len > limit);
            entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            // At the end, everything up to the end has been told, whatever its type.
            let next = match entries.last().filter(|_| more) {
                Some(last) => last.place,
                None => changes::end(db)?,
            };
            let next = cursor::of_feed(next, rights);
            Ok((page(&entries, &next, more), next))
        })
        .await?;
    Ok(answer::json(StatusCode::OK)
        .insert_header(answer::link_to_next(&request, &next))
        .body(body))
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
