//! `maillage import`: the same work at the hand of the one who runs the program.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use domain::imports::{ImportMode, ImportState};
use domain::records::ResourceType;
use domain::values::{Date, Label};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use persistence::imports::{self, Counts, Job, Line, Progress};
use persistence::{Clock, Database, Db, Fault, Origin, Tx};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::mapping::Mapping;
use super::register::{Live, Register};
use super::run::{self, Author, Import, Means};
use super::sheets;
use super::view::{ImportJob, ImportLine};
use crate::words::Language;

/// Lines of a report that are read at a time, and the most that are printed.
const LINES_AT_ONCE: i64 = 200;
const MOST_PRINTED: usize = 1_000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What to import, and how.
#[derive(Clone, Debug, Args)]
pub struct Asked {
    /// The CSV file, in UTF-8 or cp1252.
    pub file: PathBuf,
    /// A mapping from the columns of the file to ours, in TOML or JSON.
    #[arg(long)]
    pub map: Option<PathBuf>,
    /// Whose data it is; needed when the file brings keys of its own.
    #[arg(long)]
    pub source: Option<String>,
    /// Check everything and keep nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Keep nothing unless every row is taken: the default.
    #[arg(long, conflicts_with = "partial")]
    pub atomic: bool,
    /// Keep the good rows.
    #[arg(long)]
    pub partial: bool,
    /// Where to write the rows that were not taken, with why.
    #[arg(long)]
    pub refused: Option<PathBuf>,
}

/// Imports records of a type, and prints what came of it.
///
/// Fails when the file or, unless `--partial`, one of its rows is refused.
pub async fn records(
    database: &Database,
    of: ResourceType,
    asked: &Asked,
    as_json: bool,
) -> Outcome<()> {
    let language = language();
    let means = means(database)?;
    let register = Register::default();
    let import = taken_in(&means, &register, of, asked).await?;
    let (job, live) = (import.job.clone(), import.live.clone());
    let watching = std::io::stderr().is_terminal().then(|| watch(&live));
    let progress = run::run(&means, import).await;
    if let Some(watching) = watching {
        drop(watching.join());
    }
    let counts = progress.counts.clone();
    let id = job.id;
    let told = ImportJob::of(Job { progress, ..job }, false, language);
    if let Some(path) = &asked.refused {
        write_refused(database, id, &counts, path, language).await?;
    }
    print(database, id, &told, as_json, language).await?;
    match told.state() {
        ImportState::Done => Ok(()),
        _ => Err(told.why().unwrap_or("failed").to_owned().into()),
    }
}

/// The language of the terminal.
fn language() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
    let set = set
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    match set {
        Some(value) if value.starts_with("en") => Language::English,
        _ => Language::French,
    }
}

fn means(database: &Database) -> Outcome<Means> {
    let today = Timestamp::now().in_tz("Europe/Paris")?.date();
    Ok(Means {
        database: database.clone(),
        now: Arc::new(Timestamp::now),
        today: Date::try_from(today)?,
        new_id: Arc::new(Uuid::now_v7),
    })
}

async fn taken_in(
    means: &Means,
    register: &Register,
    of: ResourceType,
    asked: &Asked,
) -> Outcome<Import> {
    let named = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(&asked.file).map_err(|error| named(&asked.file, &error))?;
    let mapping = match &asked.map {
        None => Mapping::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| named(path, &error))?;
            Mapping::read_for(of, &text).map_err(|error| named(path, &error))?
        }
    };
    let given = asked.source.as_deref().map(Label::parse).transpose();
    let given = given.map_err(|error| format!("--source: {error}"))?;
    let source = given.or_else(|| mapping.source.clone());
    let name = asked.file.file_name().and_then(|name| name.to_str());
    let mode = if asked.partial {
        ImportMode::Partial
    } else {
        ImportMode::Atomic
    };
    let id = (means.new_id)();
    let job = Job {
        id,
        resource_type: of,
        mode,
        dry_run: asked.dry_run,
        source: source.map(|source| source.to_string()).unwrap_or_default(),
        file: name
            .and_then(|name| Label::parse(name).ok())
            .map(|name| name.to_string()),
        caller: None,
        key: None,
        request: Sha256::digest(id.as_bytes()).to_vec(),
        process: register.process(means.database.location())?,
        asked_at: (means.now)(),
        progress: Progress::waiting(file.metadata()?.len()),
    };
    let live = register.take_in(&job).ok_or("too many imports at once")?;
    let recorded = job.clone();
    let now = means.now.clone();
    let origin = Origin::by_operator(Clock::new(move || now()), means.today);
    let insert = move |tx: &mut Tx| imports::insert(tx, &recorded);
    means.database.transact(origin, insert).await?;
    Ok(Import {
        job,
        mapping,
        file,
        author: Author::Operator,
        live,
    })
}

/// Shows on a terminal how far the import is, until it ended.
fn watch(live: &Arc<Live>) -> std::thread::JoinHandle<()> {
    let live = live.clone();
    std::thread::spawn(move || {
        let bar = ProgressBar::new(live.counts().bytes);
        let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {msg} {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        while matches!(live.state(), ImportState::Waiting | ImportState::Running) {
            let counts = live.counts();
            bar.set_position(counts.bytes_read);
            bar.set_message(counts.rows.to_string());
            std::thread::sleep(Duration::from_millis(100));
        }
        bar.finish_and_clear();
    })
}

async fn lines(database: &Database, id: Uuid, cells: bool, after: i64) -> Result<Vec<Line>, Fault> {
    let read = move |db: &mut Db| imports::lines(db, id, cells, after, LINES_AT_ONCE);
    database.read(read).await
}

async fn write_refused(
    database: &Database,
    id: Uuid,
    counts: &Counts,
    path: &Path,
    language: Language,
) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let (header, separator) = (&counts.header, sheets::separator_of(counts));
    file.write_all(&sheets::refused_head(header, separator, language))?;
    let mut after = 0;
    loop {
        let page = lines(database, id, true, after).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for line in &page {
            let row = sheets::refused_row(line, header.len(), separator, language);
            file.write_all(&row.unwrap_or_default())?;
        }
    }
    Ok(file.flush()?)
}

async fn print(
    database: &Database,
    id: Uuid,
    told: &ImportJob,
    as_json: bool,
    language: Language,
) -> Outcome<()> {
    let mut report = Vec::new();
    let mut after = 0;
    while report.len() < MOST_PRINTED {
        let page = lines(database, id, false, after).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        report.extend(
            page.into_iter()
                .filter_map(|line| ImportLine::of(line, language)),
        );
    }
    report.truncate(MOST_PRINTED);
    if as_json {
        let mut all = serde_json::to_value(told)?;
        if let Some(members) = all.as_object_mut() {
            members.insert("report".to_owned(), json!(report));
        }
        println!("{all}");
        return Ok(());
    }
    for line in &report {
        let column = line.column.as_deref().unwrap_or_default();
        let value = line.value.as_deref().unwrap_or_default();
        eprintln!(
            "{}: {column} {value:?}: {} ({})",
            line.line, line.detail, line.code
        );
    }
    println!("{}", told.summary());
    Ok(())
}
