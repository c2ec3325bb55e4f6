//! The jobs themselves.

use diesel::prelude::*;
use domain::access::CallerId;
use domain::imports::{ImportMode, ImportState};
use domain::records::ResourceType;
use domain::values::CodeList;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::presence::is_present;
use crate::columns::{Instant, Json, Key};
use crate::connection::on_engine;
use crate::idempotency::KEPT_FOR;
use crate::schema::imports;
use crate::{Db, Fault, Location, Tx};

/// An import that was asked for.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// The type of the records.
    pub resource_type: ResourceType,
    /// Everything or nothing, or the good rows.
    pub mode: ImportMode,
    /// Whether nothing is to be kept.
    pub dry_run: bool,
    /// Whose data it is.
    pub source: String,
    /// The name of the file, when it had one.
    pub file: Option<String>,
    /// Who asked; nobody when the program's operator did.
    pub caller: Option<CallerId>,
    /// The key by which the same request may come again.
    pub key: Option<String>,
    /// A digest of everything that the request asks.
    pub request: Vec<u8>,
    /// The process that works on it.
    pub process: Uuid,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// How far it is.
    pub progress: Progress,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands in its life.
    pub state: ImportState,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it expects to end, by its own pace.
    pub expected_at: Option<Timestamp>,
    /// What it counted.
    pub counts: Counts,
    /// Whether the reported rows were forgotten.
    pub forgotten: bool,
}

/// What an import counted, and what it knows of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Counts {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// How large the file is, in bytes.
    pub bytes: u64,
    /// How much of the file was read, in bytes.
    pub bytes_read: u64,
    /// How many rows were read.
    pub rows: u64,
    /// Rows that made a new record.
    pub created: u64,
    /// Rows that changed a record.
    pub changed: u64,
    /// Rows that said nothing new.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub refused: u64,
    /// Rows of which nobody knows which record they tell of.
    pub ambiguous: u64,
    /// Lines of the report.
    pub reported: u64,
    /// How the file is written.
    pub encoding: Option<String>,
    /// What stands between its cells.
    pub separator: Option<char>,
    /// The names of its columns.
    pub header: Vec<String>,
    /// The columns that nothing was taken from.
    pub ignored: Vec<String>,
    /// Why the whole file was refused, or the work failed.
    pub reason: Option<serde_json::Value>,
}

impl Progress {
    /// Where an import of a file of this size begins.
    #[must_use]
    pub fn waiting(bytes: u64) -> Self {
        Self {
            state: ImportState::Waiting,
            ended_at: None,
            expected_at: None,
            counts: Counts {
                bytes,
                ..Counts::default()
            },
            forgotten: false,
        }
    }
}

/// Which jobs a list holds.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that this caller asked for.
    pub caller: Option<CallerId>,
    /// Those in this state.
    pub state: Option<ImportState>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
struct JobRow {
    id: Key,
    type_: String,
    mode: String,
    dry_run: bool,
    source: String,
    file: Option<String>,
    caller: Option<Key>,
    key: Option<String>,
    request: Vec<u8>,
    process: Key,
    asked_at: Instant,
    #[diesel(embed)]
    progress: ProgressRow,
}

#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_default_value = false, treat_none_as_null = true)]
struct ProgressRow {
    state: String,
    ended_at: Option<Instant>,
    expected_at: Option<Instant>,
    progress: Json,
    forgotten: bool,
}

impl ProgressRow {
    fn of(id: Uuid, progress: &Progress) -> Result<Self, Fault> {
        let counts = serde_json::to_string(&progress.counts)
            .map_err(|error| corrupt(id, "progress", error.to_string()))?;
        Ok(Self {
            state: progress.state.code().to_owned(),
            ended_at: progress.ended_at.map(Instant),
            expected_at: progress.expected_at.map(Instant),
            progress: Json(counts),
            forgotten: progress.forgotten,
        })
    }
}

impl JobRow {
    fn job(self) -> Result<Job, Fault> {
        let id = self.id.0;
        let row = self.progress;
        Ok(Job {
            id,
            resource_type: code(id, "type", &self.type_)?,
            mode: code(id, "mode", &self.mode)?,
            dry_run: self.dry_run,
            source: self.source,
            file: self.file,
            caller: self.caller.map(|key| CallerId::new(key.0)),
            key: self.key,
            request: self.request,
            process: self.process.0,
            asked_at: self.asked_at.0,
            progress: Progress {
                state: code(id, "state", &row.state)?,
                ended_at: row.ended_at.map(|at| at.0),
                expected_at: row.expected_at.map(|at| at.0),
                counts: serde_json::from_str(&row.progress.0)
                    .map_err(|error| corrupt(id, "progress", error.to_string()))?,
                forgotten: row.forgotten,
            },
        })
    }
}

fn code<C: CodeList>(id: Uuid, column: &'static str, text: &str) -> Result<C, Fault> {
    C::parse(text).map_err(|error| corrupt(id, column, error.to_string()))
}

fn corrupt(id: Uuid, column: &'static str, reason: String) -> Fault {
    Fault::CorruptRow {
        table: "imports",
        column,
        id: id.to_string(),
        reason,
    }
}

/// Records a job. Its key no longer stands for one of long ago.
pub fn insert(tx: &mut Tx, job: &Job) -> Result<(), Fault> {
    if let (Some(caller), Some(key)) = (job.caller, &job.key) {
        let of_long_ago = imports::table
            .filter(imports::caller.eq(Key::from(caller)))
            .filter(imports::key.eq(key))
            .filter(imports::asked_at.le(Instant(job.asked_at - KEPT_FOR)));
        on_engine!(tx, |conn| diesel::update(of_long_ago)
            .set(imports::key.eq(None::<String>))
            .execute(conn))?;
    }
    let row = JobRow {
        id: Key(job.id),
        type_: job.resource_type.code().to_owned(),
        mode: job.mode.code().to_owned(),
        dry_run: job.dry_run,
        source: job.source.clone(),
        file: job.file.clone(),
        caller: job.caller.map(Key::from),
        key: job.key.clone(),
        request: job.request.clone(),
        process: Key(job.process),
        asked_at: Instant(job.asked_at),
        progress: ProgressRow::of(job.id, &job.progress)?,
    };
    on_engine!(tx, |conn| diesel::insert_into(imports::table)
        .values(row)
        .execute(conn))?;
    Ok(())
}

/// Records how far a job is.
pub fn change(tx: &mut Tx, id: Uuid, progress: &Progress) -> Result<(), Fault> {
    let row = ProgressRow::of(id, progress)?;
    on_engine!(tx, |conn| {
        diesel::update(imports::table.find(Key(id)))
            .set(&row)
            .execute(conn)
    })?;
    Ok(())
}

/// The job of this id.
pub fn find(db: &mut Db, id: Uuid) -> Result<Option<Job>, Fault> {
    let row: Option<JobRow> = on_engine!(db, |conn| {
        imports::table
            .find(Key(id))
            .select(JobRow::as_select())
            .first(conn)
            .optional()
    })?;
    row.map(JobRow::job).transpose()
}

/// The job that a caller asked for by this key, as long as it stands for that one.
pub fn by_key(
    db: &mut Db,
    caller: CallerId,
    key: &str,
    now: Timestamp,
) -> Result<Option<Job>, Fault> {
    let row: Option<JobRow> = on_engine!(db, |conn| {
        imports::table
            .filter(imports::caller.eq(Key::from(caller)))
            .filter(imports::key.eq(key))
            .filter(imports::asked_at.gt(Instant(now - KEPT_FOR)))
            .select(JobRow::as_select())
            .first(conn)
            .optional()
    })?;
    row.map(JobRow::job).transpose()
}

/// One page of jobs, the last first, and one more when there is more.
pub fn list(
    db: &mut Db,
    filter: &Filter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Job>, Fault> {
    let rows: Vec<JobRow> = on_engine!(db, |conn: Backend| {
        let mut query = imports::table.into_boxed::<Backend>();
        if let Some(caller) = filter.caller {
            query = query.filter(imports::caller.eq(Key::from(caller)));
        }
        if let Some(state) = filter.state {
            query = query.filter(imports::state.eq(state.code()));
        }
        if let Some(after) = after {
            query = query.filter(imports::id.lt(Key(after)));
        }
        query
            .select(JobRow::as_select())
            .order(imports::id.desc())
            .limit(limit.saturating_add(1))
            .load(conn)
    })?;
    rows.into_iter().map(JobRow::job).collect()
}

/// The jobs that are said to wait or run.
pub fn running(db: &mut Db) -> Result<Vec<Job>, Fault> {
    let states = [ImportState::Waiting.code(), ImportState::Running.code()];
    let rows: Vec<JobRow> = on_engine!(db, |conn| {
        imports::table
            .filter(imports::state.eq_any(states))
            .select(JobRow::as_select())
            .order(imports::id)
            .load(conn)
    })?;
    rows.into_iter().map(JobRow::job).collect()
}

/// Whether a job is said to wait or run, and the process that worked on it is gone.
pub fn abandoned(db: &mut Db, location: &Location, job: &Job) -> Result<bool, Fault> {
    let state = job.progress.state;
    let open = matches!(state, ImportState::Waiting | ImportState::Running);
    Ok(open && !is_present(db, location, job.process)?)
}

/// A running import in one transaction, which keeps other writers waiting.
pub fn exclusive(db: &mut Db, location: &Location) -> Result<Option<Job>, Fault> {
    for job in running(db)? {
        let alone = job.mode == ImportMode::Atomic || job.dry_run;
        let keeps = alone && job.progress.state == ImportState::Running;
        if keeps && !abandoned(db, location, &job)? {
            return Ok(Some(job));
        }
    }
    Ok(None)
}
