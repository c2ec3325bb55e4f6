//! What every kind of record answers alike: one of them, on a day or as once known, and its history.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::access::{Action, Visibility};
use domain::records::{ChangeKind, Resource};
use domain::values::{Date, Id, Instant, Version};
use persistence::callers::{Asker, Rights};
use persistence::{Db, Document, Fault, history, joined};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use uuid::Uuid;

use super::answer::{self, Shown};
use super::asked::{Caller, Reading};
use super::cursor;
use super::list::Limit;
use crate::access::Unproven;
use crate::app::App;
use crate::problem::Problem;
use crate::words::Request;

/// For which day, and as known when.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// The day; today unless another is asked.
    pub as_of: Option<Date>,
    /// The instant at which it was known; now unless another is asked.
    pub known_at: Option<Instant>,
}

/// For which day, and as known when.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MomentQuery {
    /// The day for which name and state answer; today when left out.
    as_of: Option<Date>,
    /// The instant at which it was known; now when left out.
    #[param(inline)]
    known_at: Option<Instant>,
}

impl From<MomentQuery> for Moment {
    fn from(query: MomentQuery) -> Self {
        Self {
            as_of: query.as_of,
            known_at: query.known_at,
        }
    }
}

/// Which versions of a history.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    #[param(value_type = Option<String>)]
    after: Option<String>,
}

type Found<T> = Result<Option<(Rights, T)>, Fault>;

/// One record: read with its reader's rights in one statement, unless a past state is asked for.
pub async fn one<R: Resource + 'static>(
    app: &Data<App>,
    reading: Reading,
    id: Id<R>,
    moment: impl Into<Moment>,
    read: impl Fn(&mut Db, Asker, Id<R>) -> Found<Option<Document>> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let nothing = |_: &mut Db, _: Visibility, _: &Shown<'_>, _: &Document| Ok(Vec::new());
    one_with(app, reading, id, moment, read, nothing).await
}

/// The same, with more members of the answer beside it, as JSON.
pub async fn one_with<R: Resource + 'static>(
    app: &Data<App>,
    reading: Reading,
    id: Id<R>,
    moment: impl Into<Moment>,
    read: impl Fn(&mut Db, Asker, Id<R>) -> Found<Option<Document>> + Send + 'static,
    beside: impl Fn(
        &mut Db,
        Visibility,
        &Shown<'_>,
        &Document,
    ) -> Result<Vec<(&'static str, String)>, Problem>
    + Send
    + 'static,
) -> Result<HttpResponse, Problem> {
    let moment = moment.into();
    let day = moment.as_of.unwrap_or(app.today());
    let work = move |db: &mut Db| {
        let (rights, document) = read(db, reading.caller.asker(), id)?.ok_or(Unproven::Revoked)?;
        let actor = rights
            .actor(
                reading.caller.id,
                reading.caller.scopes.clone(),
                reading.caller.open,
            )
            .ok_or(Unproven::Revoked)?;
        let visible = actor.visibility(R::READ)?;
        let shown = Shown { actor: &actor, day };
        let id = id.uuid();
        if let Some(known_at) = moment.known_at {
            actor.entitle(Action::ReadHistory)?;
            let knowing = actor.holding(Action::ReadHistory);
            return known::<R>(db, knowing.visibility(R::READ)?, &shown, id, known_at);
        }
        let Some(mut document) = document else {
            return Err(answer::absent(db, visible, R::TYPE, id)?);
        };
        if !visible.covers(R::TYPE.scope(id), &document.within) {
            return Err(Request::NotFound.into());
        }
        joined::fill(db, [&mut document].into_iter())?;
        let beside = beside(db, visible, &shown, &document)?;
        let beside: Vec<(&str, &str)> = beside
            .iter()
            .map(|(name, json)| (*name, json.as_str()))
            .collect();
        if moment.as_of.is_some() {
            return Ok((StatusCode::OK, None, shown.json::<R>(&document, &beside)?));
        }
        let etag = shown.etag(&document, &form_of(&beside));
        if answer::is_known(reading.if_none_match.as_deref(), &etag) {
            return Ok((StatusCode::NOT_MODIFIED, Some(etag), String::new()));
        }
        Ok((
            StatusCode::OK,
            Some(etag),
            shown.json::<R>(&document, &beside)?,
        ))
    };
    let (status, etag, body) = app.read_with_rights(work).await?;
    let mut answer = answer::json(status);
    if let Some(etag) = etag {
        answer.insert_header((header::ETAG, etag));
    }
    if status == StatusCode::NOT_MODIFIED {
        let mut answer = answer.finish();
        answer.headers_mut().remove(header::CONTENT_TYPE);
        return Ok(answer);
    }
    Ok(answer.body(body))
}

/// What tells apart the forms of one version: a digest of what is joined to it.
fn form_of(beside: &[(&str, &str)]) -> String {
    if beside.is_empty() {
        return String::new();
    }
    let mut joined = Sha256::new();
    for (name, json) in beside {
        joined.update(name);
        joined.update(json);
    }
    let digest = joined.finalize();
    digest
        .iter()
        .take(8)
        .fold("-".to_owned(), |form, byte| form + &format!("{byte:02x}"))
}

/// What was recorded at an instant.
fn known<R: Resource>(
    db: &mut Db,
    visible: Visibility,
    shown: &Shown<'_>,
    id: Uuid,
    at: Instant,
) -> Result<(StatusCode, Option<String>, String), Problem> {
    let past = history::known_at(db, visible, R::TYPE, id, at)?.ok_or(Request::NotFound)?;
    if past.change == ChangeKind::Duplicate {
        return Err(answer::absent(db, visible, R::TYPE, id)?);
    }
    let body = answer::past::<R>(shown, id, &past, &[])?.ok_or(Request::Deleted)?;
    Ok((StatusCode::OK, None, body))
}

/// The history of a record: every state it was left in, and when.
pub async fn history<R: Resource + 'static>(
    app: &Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    id: Uuid,
    query: HistoryQuery,
) -> Result<HttpResponse, Problem> {
    let after = match &query.after {
        Some(after) => cursor::in_history(after)?,
        None => Version::new(0),
    };
    let limit = query.limit.number();
    let day = app.today();
    let (body, next) = app
        .read(caller, R::READ, move |db, actor, _| {
            actor.entitle(Action::ReadHistory)?;
            let knowing = actor.holding(Action::ReadHistory);
            let visible = knowing.visibility(R::READ)?;
            let mut past = history::versions_of(db, visible, R::TYPE, id, after, limit + 1)?;
            if past.is_empty()
                && history::versions_of(db, visible, R::TYPE, id, Version::new(0), 1)?.is_empty()
            {
                return Err(Request::NotFound.into());
            }
            let more = i64::try_from(past.len()).is_ok_and(|len| len > limit);
            past.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let next = past
                .last()
                .filter(|_| more)
                .map(|last| cursor::of_history(last.version));
            let shown = Shown { actor, day };
            let mut items = Vec::with_capacity(past.len());
            for state in &past {
                let body = answer::past::<R>(&shown, id, state, &[])?;
                items.push(format!(
                    "{{\"version\":{},\"at\":\"{}\",\"op\":\"{}\",\"body\":{}}}",
                    state.version,
                    state.at,
                    state.change,
                    body.as_deref().unwrap_or("null")
                ));
            }
            let body = format!(
                "{{\"items\":[{}],\"next\":{}}}",
                items.join(","),
                json!(next)
            );
            Ok((body, next))
        })
        .await?;
    let mut answer = answer::json(StatusCode::OK);
    if let Some(next) = next {
        answer.insert_header(answer::link_to_next(request, &next));
    }
    Ok(answer.body(body))
}
