//! One import from its first row to its report.
//!
//! Everything or nothing is one transaction; so is a trial, whose rows must see one another. The
//! good rows alone are some hundred at a time, and others write between. How far it is stands
//! outside those transactions: in this process, and in the base where the engine lets two write.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::access::{Actor, Permit, Target};
use domain::imports::{ImportMode, ImportState, Reason};
use domain::records::ResourceType;
use domain::values::{Date, Label};
use jiff::{SignedDuration, Timestamp};
use persistence::imports::{self, Counts, Job, Progress};
use persistence::{Clock, Database, Failure, Fault, Location, Origin, Tx};
use uuid::Uuid;

use super::findings::Findings;
use super::mapping::Mapping;
use super::organisations::Organisations;
use super::records::{Memberships, Networks};
use super::register::Live;
use super::rows::{ColumnOf, Seen, Sheet, Subject};
use super::table::{Row, Table, Unreadable};
use crate::app;
use crate::http::asked::Caller;

/// Rows that are looked up together, and kept together under `partial`.
const ROWS_AT_ONCE: usize = 500;

/// Lines of a report that are recorded at a time.
const LINES_AT_ONCE: usize = 500;

/// How often the base is told how far an import is.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// On whose behalf rows are recorded.
#[derive(Clone, Debug)]
pub enum Author {
    /// The one who runs the program.
    Operator,
    /// A caller of the API, whose rights are asked again in each transaction.
    Caller(Caller),
}

/// What an import needs of the program.
#[derive(Clone)]
pub struct Means {
    /// The base.
    pub database: Database,
    /// What time it is.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Which day it is in France.
    pub today: Date,
    /// Where ids come from.
    pub new_id: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

/// An import that was taken in.
pub struct Import {
    /// The job as it was recorded.
    pub job: Job,
    /// From the columns of the file to ours.
    pub mapping: Mapping,
    /// The file.
    pub file: File,
    /// Who asked.
    pub author: Author,
    /// What the rest of the process sees of it.
    pub live: Arc<Live>,
}

/// What ends the transaction of an import.
#[derive(Debug)]
enum Stopped {
    Fault(Fault),
    Io(io::Error),
    /// The author may no longer import.
    Denied,
    /// Not everything was taken, so nothing is.
    Refused(Box<Counts>),
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Failure for Stopped {
    fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            _ => None,
        }
    }
}

/// Why a file is refused before any of its rows.
fn unreadable(refused: Unreadable) -> Result<Reason, io::Error> {
    Ok(match refused {
        Unreadable::Io(error) => return Err(error),
        Unreadable::NotCsv => Reason::NotCsv,
        Unreadable::Empty => Reason::Empty,
        Unreadable::Header => Reason::UnreadableHeader,
        Unreadable::RepeatedColumn { name } => Reason::RepeatedColumn { name },
    })
}

/// Runs an import to its end, and records what came of it.
pub async fn run(means: &Means, import: Import) -> Progress {
    let job = import.job.clone();
    let live = import.live.clone();
    live.begin();
    let mut counts = live.counts();
    counts.started_at = Some((means.now)());
    live.count(&counts);
    let mut running = Progress::waiting(counts.bytes);
    running.state = ImportState::Running;
    running.expected_at = expected(means, &live);
    running.counts = counts;
    tell(means, &job, &running).await;
    let ended = match job.resource_type {
        ResourceType::Network => Box::pin(carried_out::<Networks>(means, import)).await,
        ResourceType::Membership => Box::pin(carried_out::<Memberships>(means, import)).await,
        _ => Box::pin(carried_out::<Organisations>(means, import)).await,
    };
    let (counts, findings) = match ended {
        Ok(ended) => ended,
        Err(stopped) => {
            let mut counts = live.counts();
            let reason = match stopped {
                Stopped::Denied => Reason::NotAllowed,
                Stopped::Refused(_) => Reason::RowsRefused,
                Stopped::Fault(fault) => {
                    tracing::error!(import = %job.id, %fault, "import");
                    Reason::Failed
                }
                Stopped::Io(error) => {
                    tracing::error!(import = %job.id, %error, "import");
                    Reason::Failed
                }
            };
            counts.reason = serde_json::to_value(&reason).ok();
            (counts, None)
        }
    };
    let mut counts = counts;
    if let Some(findings) = findings {
        counts.reported = findings.count();
        // From here on nobody waits for this import: its rows were kept or not.
        live.end(ImportState::Waiting);
        if let Err(stopped) = report(means, &job, findings).await {
            tracing::error!(import = %job.id, ?stopped, "report of an import");
        }
    }
    let reason = counts.reason.clone();
    let reason: Option<Reason> = reason.and_then(|reason| serde_json::from_value(reason).ok());
    let state = match &reason {
        None => ImportState::Done,
        Some(reason) if reason.is_failure() => ImportState::Failed,
        Some(_) => ImportState::Refused,
    };
    let progress = Progress {
        state,
        ended_at: Some((means.now)()),
        expected_at: None,
        counts,
        forgotten: false,
    };
    live.count(&progress.counts);
    live.end(state);
    tell(means, &job, &progress).await;
    progress
}

/// What was counted, and what was found wrong.
type Ended = (Counts, Option<Findings>);

async fn carried_out<S: Sheet>(means: &Means, import: Import) -> Result<Ended, Stopped> {
    let mut counts = import.live.counts();
    let opened = Table::open(import.file.try_clone()?);
    let refused = |mut counts: Counts, reason: &Reason| {
        counts.reason = serde_json::to_value(reason).ok();
        Ok((counts, None))
    };
    let table = match opened {
        Ok(table) => table,
        Err(error) => return refused(counts, &unreadable(error)?),
    };
    counts.bytes = table.bytes();
    counts.encoding = Some(table.encoding().name().to_owned());
    counts.separator = Some(table.separator());
    counts.header = table.header().to_vec();
    let plan = match import.mapping.plan(table.header()) {
        Ok(plan) => plan,
        Err(reason) => return refused(counts, &reason),
    };
    if plan.has_keys() && import.job.source.is_empty() {
        return refused(counts, &Reason::UnnamedSource);
    }
    counts.ignored.clone_from(&plan.ignored);
    import.live.count(&counts);
    let source = if import.job.source.is_empty() {
        "csv"
    } else {
        &import.job.source
    };
    let subject = Subject {
        import: import.job.id,
        source: Label::parse(source).map_err(|error| Fault::Schema(error.to_string()))?,
        file: import
            .job
            .file
            .as_deref()
            .and_then(|name| Label::parse(name).ok()),
        header: table.header().to_vec(),
        plan,
    };
    let work = Work::<S> {
        subject: Arc::new(subject),
        author: import.author,
        live: import.live,
        new_id: means.new_id.clone(),
        counts,
    };
    if import.job.mode == ImportMode::Atomic || import.job.dry_run {
        at_once(means, &import.job, work, import.file).await
    } else {
        by_chunks(means, work, table).await
    }
}

/// What the transactions of an import share.
struct Work<S: Sheet> {
    subject: Arc<Subject<ColumnOf<S>>>,
    author: Author,
    live: Arc<Live>,
    new_id: Arc<dyn Fn() -> Uuid + Send + Sync>,
    counts: Counts,
}

impl<S: Sheet> Clone for Work<S> {
    fn clone(&self) -> Self {
        Self {
            subject: self.subject.clone(),
            author: self.author.clone(),
            live: self.live.clone(),
            new_id: self.new_id.clone(),
            counts: self.counts.clone(),
        }
    }
}

impl<S: Sheet> Work<S> {
    fn permit(&self, tx: &mut Tx) -> Result<Permit, Stopped> {
        let actor = match &self.author {
            Author::Operator => Actor::operator(),
            Author::Caller(caller) => match app::actor(tx, caller) {
                Ok(actor) => actor,
                Err(problem) => {
                    return Err(match problem.into_fault() {
                        Some(fault) => fault.into(),
                        None => Stopped::Denied,
                    });
                }
            },
        };
        actor
            .authorise(S::ACTION, Target::Everything)
            .or(Err(Stopped::Denied))
    }

    /// Takes some rows, and counts what became of them.
    fn take(
        &self,
        tx: &mut Tx,
        permit: &Permit,
        seen: &mut Seen,
        rows: Vec<Row>,
        counts: &mut Counts,
    ) -> Result<Vec<super::findings::Finding>, Stopped> {
        let count = u64::try_from(rows.len()).unwrap_or_default();
        let new_id = self.new_id.as_ref();
        let mut taken = S::take(tx, permit, &self.subject, seen, rows, new_id)?;
        taken.findings.sort_by_key(|finding| finding.line);
        if !taken.ties.is_empty() {
            imports::keep_ties(tx, S::TYPE, self.subject.source.as_str(), &taken.ties)?;
        }
        for (counted, more) in [
            (&mut counts.rows, count),
            (&mut counts.created, taken.created),
            (&mut counts.changed, taken.changed),
            (&mut counts.unchanged, taken.unchanged),
            (&mut counts.refused, taken.refused),
            (&mut counts.ambiguous, taken.ambiguous),
        ] {
            *counted = counted.saturating_add(more);
        }
        // Each time there are twice as many.
        let at_once = u64::try_from(ROWS_AT_ONCE).unwrap_or(u64::MAX);
        if (counts.created / at_once).is_power_of_two() && taken.created > 0 {
            imports::look_again(tx)?;
        }
        Ok(taken.findings)
    }
}

/// Some rows; none at the end of the file.
fn rows_of<R: io::Read>(table: &mut Table<R>) -> io::Result<Vec<Row>> {
    table.take(ROWS_AT_ONCE).collect()
}

/// Everything in one transaction, kept only if every row was taken, or tried only.
async fn at_once<S: Sheet>(
    means: &Means,
    job: &Job,
    work: Work<S>,
    file: File,
) -> Result<Ended, Stopped> {
    let origin = Origin {
        dry_run: job.dry_run,
        ..origin(means, job)
    };
    let kept_whole = job.mode == ImportMode::Atomic;
    let found = Arc::new(std::sync::Mutex::new(None));
    let finding = found.clone();
    let (live, now) = (work.live.clone(), means.now.clone());
    let all = move |tx: &mut Tx| -> Result<Counts, Stopped> {
        let mut table = match Table::open(file.try_clone()?) {
            Ok(table) => table,
            Err(error) => return Err(Stopped::Io(io::Error::other(error.to_string()))),
        };
        let mut counts = work.counts.clone();
        let (mut seen, mut findings) = (Seen::default(), Findings::new()?);
        let permit = work.permit(tx)?;
        if !tx.is_dry_run() {
            persistence::organisations::write_alone(tx)?;
        }
        loop {
            let rows = rows_of(&mut table)?;
            if rows.is_empty() {
                break;
            }
            let more = work.take(tx, &permit, &mut seen, rows, &mut counts)?;
            findings.add(&more)?;
            counts.bytes_read = table.bytes_read();
            work.live.count(&counts);
        }
        counts.bytes_read = counts.bytes;
        let refused = counts.refused > 0 || counts.ambiguous > 0;
        if !tx.is_dry_run() && !refused {
            conclude(tx, work.subject.import, now(), &mut counts, findings)?;
            return Ok(counts);
        }
        if let Ok(mut found) = finding.lock() {
            *found = Some(findings);
        }
        if kept_whole && refused {
            return Err(Stopped::Refused(Box::new(counts)));
        }
        Ok(counts)
    };
    let database = means.database.clone();
    let mut working = Box::pin(database.transact(origin, all));
    let ended = loop {
        match tokio::time::timeout(TOLD_EVERY, &mut working).await {
            Ok(ended) => break ended,
            // SQLite has one writer, and this is it.
            Err(_) if matches!(means.database.location(), Location::Sqlite(_)) => {}
            Err(_) => {
                let progress = Progress {
                    state: ImportState::Running,
                    expected_at: expected(means, &live),
                    counts: live.counts(),
                    ..Progress::waiting(0)
                };
                tell(means, job, &progress).await;
            }
        }
    };
    let findings = found.lock().ok().and_then(|mut found| found.take());
    match ended {
        Ok(counts) => Ok((counts, findings)),
        Err(Stopped::Refused(counts)) => {
            let mut counts = *counts;
            counts.reason = serde_json::to_value(&Reason::RowsRefused).ok();
            Ok((counts, findings))
        }
        Err(stopped) => Err(stopped),
    }
}

/// The good rows, some hundred in each transaction.
async fn by_chunks<S: Sheet>(
    means: &Means,
    work: Work<S>,
    mut table: Table<File>,
) -> Result<Ended, Stopped> {
    let mut counts = work.counts.clone();
    let (mut seen, mut findings) = (Seen::default(), Findings::new()?);
    loop {
        let rows = rows_of(&mut table)?;
        if rows.is_empty() {
            break;
        }
        let (before, counted, work_now) = (seen, counts.clone(), work.clone());
        let job_id = work.subject.import;
        let origin = origin_of(means, job_id);
        let chunk = move |tx: &mut Tx| -> Result<_, Stopped> {
            let (mut seen, mut counts) = (before.clone(), counted.clone());
            let permit = work_now.permit(tx)?;
            let found = work_now.take(tx, &permit, &mut seen, rows.clone(), &mut counts)?;
            Ok((seen, counts, found))
        };
        let (now_seen, now_counts, found) = means.database.transact(origin, chunk).await?;
        (seen, counts) = (now_seen, now_counts);
        findings.add(&found)?;
        counts.bytes_read = table.bytes_read();
        work.live.count(&counts);
        let progress = Progress {
            state: ImportState::Running,
            expected_at: expected(means, &work.live),
            counts: counts.clone(),
            ..Progress::waiting(0)
        };
        tell_id(means, job_id, &progress).await;
    }
    counts.bytes_read = counts.bytes;
    Ok((counts, Some(findings)))
}

/// Records what was found wrong.
async fn report(means: &Means, job: &Job, findings: Findings) -> Result<(), Stopped> {
    let id = job.id;
    for lines in findings.pieces(LINES_AT_ONCE)? {
        let lines = lines?;
        let keep = move |tx: &mut Tx| imports::keep_lines(tx, id, &lines);
        means.database.transact(origin(means, job), keep).await?;
    }
    Ok(())
}

/// Records the report and the end of an import in its own transaction, so that its rows are never
/// kept without being told as kept.
fn conclude(
    tx: &mut Tx,
    import: Uuid,
    ended_at: Timestamp,
    counts: &mut Counts,
    findings: Findings,
) -> Result<(), Stopped> {
    counts.reported = findings.count();
    for lines in findings.pieces(LINES_AT_ONCE)? {
        imports::keep_lines(tx, import, &lines?)?;
    }
    let done = Progress {
        state: ImportState::Done,
        ended_at: Some(ended_at),
        counts: counts.clone(),
        ..Progress::waiting(0)
    };
    Ok(imports::change(tx, import, &done)?)
}

/// Records how far an import is. A failure is for the log: the work itself goes on.
async fn tell(means: &Means, job: &Job, progress: &Progress) {
    tell_id(means, job.id, progress).await;
}

async fn tell_id(means: &Means, id: Uuid, progress: &Progress) {
    let progress = progress.clone();
    let change = move |tx: &mut Tx| imports::change(tx, id, &progress);
    let told = means.database.transact(origin_of(means, id), change).await;
    if let Err(fault) = told {
        tracing::warn!(import = %id, %fault, "progress of an import");
    }
}

fn expected(means: &Means, live: &Live) -> Option<Timestamp> {
    let seconds = i64::try_from(live.seconds_left()).unwrap_or(i64::MAX);
    (means.now)()
        .checked_add(SignedDuration::from_secs(seconds))
        .ok()
}

fn origin(means: &Means, job: &Job) -> Origin {
    origin_of(means, job.id)
}

fn origin_of(means: &Means, import: Uuid) -> Origin {
    let now = means.now.clone();
    Origin {
        request_id: format!("import-{import}"),
        ..Origin::by_operator(Clock::new(move || now()), means.today)
    }
}
