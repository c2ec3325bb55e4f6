//! `/v1/imports`.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::{Action, Actor, Target, Visibility};
use domain::imports::{ImportMode, ImportState, Reason, may_see};
use domain::records::ResourceType;
use domain::values::{Date, Label};
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use persistence::imports::{self, Filter, Job, Line, Progress};
use persistence::page::{After, SortBy};
use persistence::{Clock, Database, Db, Fault, Origin, Tx};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::mapping::Mapping;
use super::organisations::Organisations;
use super::records::{Memberships, Networks};
use super::register::Live;
use super::rows::Sheet;
use super::run::{self, Author, Import, Means};
use super::sheets;
use super::view::{ImportJob, ImportLine, ImportPage, ImportReport};
use crate::app::App;
use crate::http::asked::Caller;
use crate::http::list::Limit;
use crate::http::query::{Nothing, Query, truth};
use crate::http::{answer, cursor, guard};
use crate::problem::Problem;
use crate::words::{self, Failed, Language, Request};

/// What records a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ImportType {
    /// Organisations.
    Organisations,
    /// Networks.
    Networks,
    /// Memberships.
    Memberships,
}

impl ImportType {
    /// The type of the records, and the right to import them.
    fn of(self) -> (ResourceType, Action) {
        match self {
            Self::Organisations => (Organisations::TYPE, Organisations::ACTION),
            Self::Networks => (Networks::TYPE, Networks::ACTION),
            Self::Memberships => (Memberships::TYPE, Memberships::ACTION),
        }
    }
}

/// What to import, and how.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// The records that the file holds.
    #[param(inline)]
    r#type: ImportType,
    /// `atomic`, the default: nothing is kept unless every row is taken. `partial`: the good rows.
    #[serde(default)]
    mode: Option<ImportMode>,
    /// `true` to check everything, keep nothing, and read the report.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    dry_run: Option<bool>,
    /// Whose data it is; needed when the file brings keys of its own.
    source: Option<Label>,
    /// The name of the file, kept with each record.
    file: Option<Label>,
    /// From the columns of the file to ours, in TOML or JSON; the file has ours when left out.
    #[param(value_type = Option<String>)]
    mapping: Option<String>,
}

/// Which imports.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportsQuery {
    /// Those in this state, as it was last recorded.
    state: Option<ImportState>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
}

/// Which part of a report.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// How many lines on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
}

/// Import records from a CSV file.
///
/// The file is received whole, then read on the server's own time: the answer is the address of a
/// job that tells how far it is. A row that says what it said before changes nothing, so that a
/// file sent again is harmless. docs/imports.md tells of columns and mappings.
#[utoipa::path(tag = "imports", params(ImportQuery), request_body(content = String, content_type = "text/csv", description = "The file, in UTF-8 or cp1252.", example = "kind,name\nassociation,Réseda\n"),
    security(("bearer" = ["write"])),
    responses((status = 202, description = "The import was taken in.", body = ImportJob, headers(("Location" = String, description = "The address of the import.")))))]
#[post("/imports")]
pub(crate) async fn create_import(
    app: Data<App>,
    caller: Caller,
    query: Query<ImportQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let (of, action) = query.r#type.of();
    let language = guard::language(&request);
    app.import_permitted(&caller, action).await?;
    app.let_write().await?;
    if !is_csv(&request) {
        let expected = "text/csv";
        return Err(Request::UnsupportedMediaType { expected }.into());
    }
    let key = crate::http::asked::key_of(&request)?;
    let mapping = query.mapping.as_deref().map_or_else(
        || Ok(Mapping::default()),
        |text| {
            Mapping::read_for(of, text).map_err(|bad| words::Import::BadMapping { reason: bad.0 })
        },
    )?;
    let limits = app.limits();
    let spooled = spool(payload, limits.import_bytes, limits.body_patience).await?;
    let mut asked = Sha256::new();
    asked.update(request.query_string());
    asked.update(&spooled.digest);
    let source = query.source.or_else(|| mapping.source.clone());
    let job = Job {
        id: app.new_id(),
        resource_type: of,
        mode: query.mode.unwrap_or(ImportMode::Atomic),
        dry_run: query.dry_run.unwrap_or(false),
        source: source.map(|source| source.to_string()).unwrap_or_default(),
        file: query.file.map(|file| file.to_string()),
        caller: Some(caller.id),
        key,
        request: asked.finalize().to_vec(),
        process: app.imports().process(app.database().location())?,
        asked_at: app.now(),
        progress: Progress::waiting(spooled.bytes),
    };
    if let Some(first) = app.asked_before(&job).await? {
        return Ok(accepted(first, language, true));
    }
    let live = app.imports().take_in(&job).ok_or(Failed::Unavailable)?;
    if let Err(problem) = record(&app, &job).await {
        app.imports().let_go(job.id);
        // Another request with the same key may have been quicker.
        return match app.asked_before(&job).await? {
            Some(first) => Ok(accepted(first, language, true)),
            None => Err(problem),
        };
    }
    let import = Import {
        job: job.clone(),
        mapping,
        file: spooled.file,
        author: Author::Caller(caller),
        live,
    };
    start(&app, import)?;
    Ok(accepted(job, language, false))
}

/// List imports.
///
/// Those that the caller asked for; all of them for an administrator.
#[utoipa::path(tag = "imports", params(ImportsQuery), security(("bearer" = ["write"])),
    responses((status = 200, description = "A page of imports.", body = ImportPage)))]
#[get("/imports")]
pub(crate) async fn list_imports(
    app: Data<App>,
    caller: Caller,
    query: Query<ImportsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let language = guard::language(&request);
    let limit = query.limit.number();
    let after = query.after.as_deref();
    let after = after
        .map(|after| cursor::in_list(after, SortBy::Id))
        .transpose()?;
    let state = query.state;
    let shared = app.clone();
    let mut jobs = app
        .read(&caller, Action::ImportOrganisations, move |db, actor, _| {
            permit(actor)?;
            let filter = Filter {
                caller: if may_see(actor, None) {
                    None
                } else {
                    actor.caller()
                },
                state,
            };
            let jobs = imports::list(db, &filter, after.as_ref().map(|after| after.id), limit)?;
            let shown = jobs.into_iter().map(|job| shown(&shared, db, job));
            shown.collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let more = i64::try_from(jobs.len()).is_ok_and(|count| count > limit);
    jobs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = jobs.last().filter(|_| more);
    let next = last.map(|(job, _)| place(String::new(), job.id));
    let items = jobs
        .into_iter()
        .map(|(job, gone)| ImportJob::of(job, gone, language));
    let page = ImportPage {
        items: items.collect(),
        next: next.clone(),
    };
    Ok(paged(language, next.as_deref(), &request).json(page))
}

/// Read an import.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import.")), security(("bearer" = ["write"])),
    responses((status = 200, description = "The import and how far it is.", body = ImportJob)))]
#[get("/imports/{id}")]
pub(crate) async fn read_import(
    app: Data<App>,
    caller: Caller,
    id: Path<Uuid>,
    _: Query<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let language = guard::language(&request);
    let (job, gone) = job_of(&app, &caller, *id).await?;
    let mut answer = answer::json(StatusCode::OK);
    answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    Ok(answer.json(ImportJob::of(job, gone, language)))
}

/// Read the report of an import.
///
/// Line, column, code, value and what to do, in the order of the file; the whole of it as
/// `text/csv`. Forgotten after 30 days.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import."), ReportQuery), security(("bearer" = ["write"])),
    responses((status = 200, description = "A page of the report.", content((ImportReport = "application/json"), (String = "text/csv")))))]
#[get("/imports/{id}/report")]
pub(crate) async fn read_import_report(
    app: Data<App>,
    caller: Caller,
    id: Path<Uuid>,
    query: Query<ReportQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let language = guard::language(&request);
    let (job, _) = job_of(&app, &caller, *id).await?;
    if sheets::is_wanted(&request)? {
        return Ok(sheets::report(app, &job, language));
    }
    let after = query.after.as_deref();
    let after = after
        .map(|after| cursor::in_list(after, SortBy::Id))
        .transpose()?;
    let after = after.map_or(Ok(0), |after| after.key.parse().or(Err(Request::BadCursor)))?;
    let limit = query.limit.number();
    let mut lines = lines_of(&app, job.id, false, after, limit).await?;
    let more = i64::try_from(lines.len()).is_ok_and(|count| count > limit);
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = lines.last().filter(|_| more);
    let next = last.map(|line| place(line.number.to_string(), job.id));
    let items = lines
        .into_iter()
        .filter_map(|line| ImportLine::of(line, language));
    let page = ImportReport {
        items: items.collect(),
        next: next.clone(),
    };
    Ok(paged(language, next.as_deref(), &request).json(page))
}

/// Read the refused rows of an import.
///
/// As a file of the same columns and one more that says why, to be mended and sent again.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import.")), security(("bearer" = ["write"])),
    responses((status = 200, description = "The rows that were not taken.", body = String, content_type = "text/csv")))]
#[get("/imports/{id}/refused")]
pub(crate) async fn read_refused_rows(
    app: Data<App>,
    caller: Caller,
    id: Path<Uuid>,
    _: Query<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (job, _) = job_of(&app, &caller, *id).await?;
    Ok(sheets::refused(app, &job, guard::language(&request)))
}

impl App {
    /// Lets a write in, unless an import in one transaction keeps it waiting, here or in another
    /// process: then it says for how long, by the pace of that import.
    pub(crate) async fn let_write(&self) -> Result<(), Problem> {
        let here = self.imports().keeps_waiting();
        if here.is_none() && self.imports().looks_elsewhere() {
            let location = self.database().location().clone();
            let look = move |db: &mut Db| imports::exclusive(db, &location);
            let look = async { Ok(self.database().read(look).await?) };
            let found = self.within_patience(look, Failed::TimedOut).await?;
            let other = found.filter(|job| self.imports().live(job.id).is_none());
            let until = other.map(|job| job.progress.expected_at.unwrap_or(job.asked_at));
            self.imports().seen_elsewhere(until);
        }
        match here.or_else(|| self.imports().waits_elsewhere(self.now())) {
            None => Ok(()),
            Some(retry_after_seconds) => Err(words::Import::Running {
                retry_after_seconds,
            }
            .into()),
        }
    }

    async fn import_permitted(&self, caller: &Caller, action: Action) -> Result<(), Problem> {
        let permitted = move |_: &mut Db, actor: &Actor, _: Visibility| {
            actor.authorise(action, Target::Everything)?;
            Ok(())
        };
        self.read(caller, action, permitted).await
    }

    /// The job that the same request asked for before. Refused when the key was another request's.
    async fn asked_before(&self, job: &Job) -> Result<Option<Job>, Problem> {
        let (Some(key), Some(caller)) = (job.key.clone(), job.caller) else {
            return Ok(None);
        };
        let now = job.asked_at;
        let found = move |db: &mut Db| Ok::<_, Problem>(imports::by_key(db, caller, &key, now)?);
        match self.read_with_rights(found).await? {
            Some(first) if first.request == job.request => Ok(Some(first)),
            Some(_) => Err(Request::KeyOfOtherRequest.into()),
            None => Ok(None),
        }
    }

    /// What an import needs of the program.
    fn means(self: Arc<Self>) -> Means {
        let (clock, ids) = (self.clone(), self.clone());
        Means {
            database: self.database().clone(),
            now: Arc::new(move || clock.now()),
            today: self.today(),
            new_id: Arc::new(move || ids.new_id()),
        }
    }
}

fn permit(actor: &Actor) -> Result<(), Problem> {
    actor.authorise(Action::ImportOrganisations, Target::Everything)?;
    Ok(())
}

fn is_csv(request: &HttpRequest) -> bool {
    let given = request.headers().get(header::CONTENT_TYPE);
    let given = given.and_then(|given| given.to_str().ok());
    let essence = given.and_then(|given| given.split(';').next());
    let encoded = request.headers().get(header::CONTENT_ENCODING);
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/csv"))
        && encoded.is_none_or(|encoding| encoding == "identity")
}

/// A file as it was received.
struct Spooled {
    file: File,
    bytes: u64,
    digest: Vec<u8>,
}

/// Puts the body on disk as it comes.
async fn spool(mut payload: Payload, most: usize, patience: Duration) -> Result<Spooled, Problem> {
    let on_disk = |error: io::Error| Fault::Unavailable(error.to_string());
    let mut file = tempfile::tempfile().map_err(on_disk)?;
    let (mut bytes, mut digest) = (0_usize, Sha256::new());
    loop {
        let next = tokio::time::timeout(patience, payload.next()).await;
        let chunk: Bytes = match next.or(Err(Request::TooSlow))? {
            None => break,
            Some(chunk) => chunk.or(Err(Request::BadRequest))?,
        };
        bytes = bytes.saturating_add(chunk.len());
        if bytes > most {
            return Err(Request::TooLarge { max_bytes: most }.into());
        }
        digest.update(&chunk);
        file.write_all(&chunk).map_err(on_disk)?;
    }
    file.rewind().map_err(on_disk)?;
    Ok(Spooled {
        file,
        bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
        digest: digest.finalize().to_vec(),
    })
}

async fn record(app: &Data<App>, job: &Job) -> Result<(), Problem> {
    let origin = Origin::by_operator(app.clock(), app.today());
    let job = job.clone();
    let work = move |tx: &mut Tx| imports::insert(tx, &job);
    Ok(app.database().transact(origin, work).await?)
}

/// Hands the import to a thread of its own, where it waits its turn.
fn start(app: &Data<App>, import: Import) -> Result<(), Problem> {
    let id = import.job.id;
    let shared = app.clone().into_inner();
    let work = move || {
        let _turn = shared.imports().turn();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        match runtime {
            Ok(runtime) => {
                let means = shared.clone().means();
                runtime.block_on(run::run(&means, import));
            }
            Err(error) => tracing::error!(import = %id, %error, "import"),
        }
        shared.imports().let_go(id);
    };
    let thread = std::thread::Builder::new().name("import".to_owned());
    if let Err(error) = thread.spawn(work) {
        app.imports().let_go(id);
        return Err(Fault::Unavailable(error.to_string()).into());
    }
    Ok(())
}

fn accepted(job: Job, language: Language, replayed: bool) -> HttpResponse {
    let mut answer = answer::json(StatusCode::ACCEPTED);
    answer.insert_header((header::LOCATION, format!("/v1/imports/{}", job.id)));
    answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    if replayed {
        answer.insert_header(("Idempotent-Replayed", "true"));
    }
    answer.json(ImportJob::of(job, false, language))
}

/// The job that the caller may see, with what this process knows of it, and whether it was left.
async fn job_of(app: &Data<App>, caller: &Caller, id: Uuid) -> Result<(Job, bool), Problem> {
    let shared = app.clone();
    app.read(caller, Action::ImportOrganisations, move |db, actor, _| {
        permit(actor)?;
        let job = imports::find(db, id)?.filter(|job| may_see(actor, job.caller));
        shown(&shared, db, job.ok_or(Request::NotFound)?)
    })
    .await
}

fn shown(app: &App, db: &mut Db, mut job: Job) -> Result<(Job, bool), Problem> {
    let open = matches!(
        job.progress.state,
        ImportState::Waiting | ImportState::Running
    );
    // One that was just committed still keeps others waiting until this process has seen to it.
    let busy = |live: &Arc<Live>| open || live.state() == ImportState::Running;
    if let Some(live) = app.imports().live(job.id).filter(busy) {
        refresh(&mut job, &live);
        return Ok((job, false));
    }
    let gone = imports::abandoned(db, app.database().location(), &job)?;
    // It may have ended between the two looks.
    match imports::find(db, job.id)? {
        Some(now) if gone && now.progress.state != job.progress.state => Ok((now, false)),
        _ => Ok((job, gone)),
    }
}

fn refresh(job: &mut Job, live: &Live) {
    job.progress.counts = live.counts();
    if live.state() == ImportState::Running {
        job.progress.state = ImportState::Running;
        job.progress.ended_at = None;
    }
}

/// Some lines of a report, and one more when there is more.
pub(super) async fn lines_of(
    app: &Data<App>,
    import: Uuid,
    with_cells: bool,
    after: i64,
    limit: i64,
) -> Result<Vec<Line>, Problem> {
    let read = move |db: &mut Db| Ok(imports::lines(db, import, with_cells, after, limit)?);
    app.read_with_rights(read).await
}

fn place(key: String, id: Uuid) -> String {
    cursor::of_list(SortBy::Id, &After { key, id })
}

fn paged(
    language: Language,
    next: Option<&str>,
    request: &HttpRequest,
) -> actix_web::HttpResponseBuilder {
    let mut answer = answer::json(StatusCode::OK);
    answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    if let Some(next) = next {
        answer.insert_header(answer::link_to_next(request, next));
    }
    answer
}

/// For how many days a report keeps the values of a file.
const REPORT_KEPT_DAYS: i64 = 30;

/// Forgets the values of reports that are kept no longer, and returns of how many.
pub async fn forget(database: &Database, now: Timestamp) -> Result<usize, Fault> {
    let kept_for = SignedDuration::from_hours(REPORT_KEPT_DAYS * 24);
    let oldest = now.checked_sub(kept_for).unwrap_or(Timestamp::MIN);
    let today = now.to_zoned(TimeZone::UTC).date();
    let today = Date::try_from(today).unwrap_or(Date::MAX);
    let origin = Origin::by_operator(Clock::new(move || now), today);
    let forget = move |tx: &mut Tx| imports::forget(tx, oldest);
    database.transact(origin, forget).await
}

/// Says of every import whose process is gone that it failed, and returns how many there were.
pub async fn bury(database: &Database, origin: &Origin) -> Result<usize, Fault> {
    let location = database.location().clone();
    let left = move |db: &mut Db| {
        let mut left = Vec::new();
        for job in imports::running(db)? {
            if imports::abandoned(db, &location, &job)? {
                left.push(job);
            }
        }
        Ok::<_, Fault>(left)
    };
    let left = database.read(left).await?;
    let count = left.len();
    for job in left {
        let mut progress = job.progress;
        progress.state = ImportState::Failed;
        progress.ended_at = Some(origin.at);
        progress.counts.reason = serde_json::to_value(&Reason::Interrupted).ok();
        let change = move |tx: &mut Tx| imports::change(tx, job.id, &progress);
        database.transact(origin.clone(), change).await?;
    }
    Ok(count)
}
