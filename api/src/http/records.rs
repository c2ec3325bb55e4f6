//! What every kind of record answers alike: one of them, on a day or as once known, and its history.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::access::{Action, Actor, Visibility};
use domain::records::{ChangeKind, Resource};
use domain::values::{Date, Id, Instant, Version};
use persistence::gathered::ReadSome;
use persistence::{Db, Document, history, joined};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use uuid::Uuid;

use super::answer::{self, Shown};
use super::asked::{Caller, Reading};
use super::cursor;
use super::list::Limit;
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

/// Members of the answer beside the record, as JSON.
type Beside = Vec<(&'static str, String)>;

/// How they are read.
pub trait ReadBeside:
    Fn(&mut Db, Visibility, &Shown<'_>, &Document) -> Result<Beside, Problem> + Send + 'static
{
}

impl<F> ReadBeside for F where
    F: Fn(&mut Db, Visibility, &Shown<'_>, &Document) -> Result<Beside, Problem> + Send + 'static
{
}

/// One record, read with its reader's rights.
pub async fn one<R: Resource + 'static>(
    app: &Data<App>,
    reading: Reading,
    id: Id<R>,
    moment: impl Into<Moment>,
    read: ReadSome,
) -> Result<HttpResponse, Problem> {
    type Nothing = fn(&mut Db, Visibility, &Shown<'_>, &Document) -> Result<Beside, Problem>;
    one_with(app, reading, id, moment, read, None::<Nothing>).await
}

/// The same, with more members of the answer beside it, as JSON, where they are asked for.
pub async fn one_with<R: Resource + 'static>(
    app: &Data<App>,
    reading: Reading,
    id: Id<R>,
    moment: impl Into<Moment>,
    read: ReadSome,
    beside: Option<impl ReadBeside>,
) -> Result<HttpResponse, Problem> {
    let moment = moment.into();
    let day = moment.as_of.unwrap_or(app.today());
    let id = id.uuid();
    let (actor, document) = app.read_one(&reading.caller, R::TYPE, read, id).await?;
    let visible = actor.visibility(R::READ)?;
    let shown = Shown { actor: &actor, day };
    if let Some(at) = moment.known_at {
        actor.entitle(Action::ReadHistory)?;
        let past = move |db: &mut Db| known::<R>(db, &actor, day, id, at);
        let body = app.read_with_rights(past).await?;
        return Ok(answer::json(StatusCode::OK).body(body));
    }
    let Some(document) = document else {
        let why = move |db: &mut Db| {
            let visible = actor.visibility(R::READ)?;
            answer::absent(db, visible, R::TYPE, id)
        };
        return Err(app.read_with_rights(why).await?);
    };
    if !visible.covers(R::TYPE.scope(id), &document.within) {
        return Err(Request::NotFound.into());
    }
    let (document, beside) = with_joined::<R>(app, &actor, day, document, beside).await?;
    let beside: Vec<(&str, &str)> = beside
        .iter()
        .map(|(name, json)| (*name, json.as_str()))
        .collect();
    if moment.as_of.is_some() {
        return Ok(answer::json(StatusCode::OK).body(shown.json::<R>(&document, &beside)?));
    }
    let etag = shown.etag(&document, &form_of(&beside));
    if answer::is_known(reading.if_none_match.as_deref(), &etag) {
        let mut known = answer::json(StatusCode::NOT_MODIFIED);
        known.insert_header((header::ETAG, etag));
        let mut known = known.finish();
        known.headers_mut().remove(header::CONTENT_TYPE);
        return Ok(known);
    }
    let mut answer = answer::json(StatusCode::OK);
    answer.insert_header((header::ETAG, etag));
    Ok(answer.body(shown.json::<R>(&document, &beside)?))
}

/// The record with what is answered beside it, where there is anything.
async fn with_joined<R: Resource>(
    app: &Data<App>,
    actor: &Actor,
    day: Date,
    document: Document,
    beside: Option<impl ReadBeside>,
) -> Result<(Document, Beside), Problem> {
    if beside.is_none() && !joined::is_to(R::TYPE) {
        return Ok((document, Beside::new()));
    }
    let actor = actor.clone();
    let read = move |db: &mut Db| {
        let mut document = document.clone();
        joined::fill(db, [&mut document].into_iter())?;
        let shown = Shown { actor: &actor, day };
        let visible = actor.visibility(R::READ)?;
        let beside = beside
            .as_ref()
            .map(|beside| beside(db, visible, &shown, &document));
        Ok((document, beside.transpose()?.unwrap_or_default()))
    };
    app.read_with_rights(read).await
}

/// The record with this id, for what is read beside it. Refused when it is not there for this reader.
pub fn in_sight<R: Resource>(db: &mut Db, actor: &Actor, id: Id<R>) -> Result<R, Problem> {
    let visible = actor.visibility(R::READ)?;
    let found = persistence::records::with_ids::<R>(db, visible, &[id.uuid()])?;
    match found.first() {
        Some(document) => Ok(document.resource()?),
        None => Err(answer::absent(db, visible, R::TYPE, id.uuid())?),
    }
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

/// What was recorded at an instant, as one who reads history sees it.
fn known<R: Resource>(
    db: &mut Db,
    actor: &Actor,
    day: Date,
    id: Uuid,
    at: Instant,
) -> Result<String, Problem> {
    let knowing = actor.holding(Action::ReadHistory);
    let visible = knowing.visibility(R::READ)?;
    let past = history::known_at(db, visible, R::TYPE, id, at)?.ok_or(Request::NotFound)?;
    if past.change == ChangeKind::Duplicate {
        return Err(answer::absent(db, visible, R::TYPE, id)?);
    }
    let shown = Shown { actor, day };
    let mut body = answer::past::<R>(&shown, id, &past)?.ok_or(Request::Deleted)?;
    answer::complete(db, actor, [(R::TYPE, id, &mut body)].into_iter())?;
    Ok(body)
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
            let bodies = past
                .iter()
                .map(|state| answer::past::<R>(&shown, id, state));
            let mut bodies: Vec<Option<String>> = bodies.collect::<Result<_, Problem>>()?;
            let states = bodies.iter_mut().flatten().map(|body| (R::TYPE, id, body));
            answer::complete(db, actor, states)?;
            let mut items = Vec::with_capacity(past.len());
            for (state, body) in past.iter().zip(bodies) {
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
