//! An import as it is answered.

use domain::access::CallerId;
use domain::imports::{ImportMode, ImportState, Reason, RowError};
use domain::records::ResourceType;
use domain::values::CodeList;
use jiff::Timestamp;
use persistence::imports::{Counts, Job, Line};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::words::{self, Language};

/// An import of records from a file.
#[derive(Serialize, ToSchema)]
pub struct ImportJob {
    /// Its id.
    id: Uuid,
    /// The type of the records.
    r#type: ResourceType,
    /// Where it stands.
    state: ImportState,
    /// What becomes of the good rows of a file that has bad ones.
    mode: ImportMode,
    /// Whether nothing was to be kept.
    dry_run: bool,
    /// Whose data it is.
    source: Option<String>,
    /// The name of the file.
    file: Option<String>,
    /// The caller who asked; `null` for the program's operator.
    #[schema(value_type = Option<Uuid>)]
    asked_by: Option<CallerId>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// When it expects to end, by its own pace.
    #[schema(value_type = Option<String>, format = DateTime)]
    expected_at: Option<Timestamp>,
    /// How far it is.
    progress: ImportProgress,
    /// What became of the rows.
    counts: ImportCounts,
    /// How many lines its report has.
    reported: u64,
    /// Whether the report was forgotten, as reports are after 30 days.
    forgotten: bool,
    /// How the file is written.
    #[schema(example = "utf-8")]
    encoding: Option<String>,
    /// What stands between its cells.
    #[schema(value_type = Option<String>, example = ";")]
    separator: Option<char>,
    /// The columns that nothing was taken from.
    ignored_columns: Vec<String>,
    /// Why it came to nothing.
    reason: Option<ImportReason>,
}

/// How far an import is.
#[derive(Serialize, ToSchema)]
pub struct ImportProgress {
    /// How large the file is, in bytes.
    bytes: u64,
    /// How much of it was read, in bytes.
    bytes_read: u64,
    /// How many rows were read.
    rows: u64,
}

/// What became of the rows: of those that were read, as if all were kept.
#[derive(Serialize, ToSchema)]
pub struct ImportCounts {
    /// Rows that made a new record.
    created: u64,
    /// Rows that changed a record.
    changed: u64,
    /// Rows that said nothing new.
    unchanged: u64,
    /// Rows that were not taken.
    refused: u64,
    /// Rows of which nobody knows which record they tell of.
    ambiguous: u64,
}

/// Why an import came to nothing.
#[derive(Serialize, ToSchema)]
pub struct ImportReason {
    /// The stable code.
    #[schema(example = "rows_refused")]
    code: String,
    /// The same in words.
    detail: String,
    /// The columns it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    columns: Vec<String>,
}

/// Something reported of a row.
#[derive(Serialize, ToSchema)]
pub struct ImportLine {
    /// The line of the file, from 1.
    pub line: i64,
    /// The column, as the file names it.
    pub column: Option<String>,
    /// The stable code.
    #[schema(example = "check_digit")]
    pub code: String,
    /// The value, cut after 200 characters.
    pub value: Option<String>,
    /// What became of the row: `refused`, `ambiguous` or `noticed`.
    pub outcome: &'static str,
    /// What is wrong and what to do.
    pub detail: String,
    /// The facts, by name.
    #[schema(value_type = Object)]
    pub facts: Box<RawValue>,
}

/// A page of imports.
#[derive(Serialize, ToSchema)]
pub struct ImportPage {
    /// The imports, the last first.
    #[schema(max_items = 200)]
    pub items: Vec<ImportJob>,
    /// The cursor to give as `after` for the next page; `null` on the last.
    pub next: Option<String>,
}

/// A page of a report.
#[derive(Serialize, ToSchema)]
pub struct ImportReport {
    /// What is reported, in the order of the file.
    #[schema(max_items = 200)]
    pub items: Vec<ImportLine>,
    /// The cursor to give as `after` for the next page; `null` on the last.
    pub next: Option<String>,
}

impl ImportJob {
    /// The job in a language. `abandoned` when the process that worked on it is gone.
    #[must_use]
    pub fn of(job: Job, abandoned: bool, language: Language) -> Self {
        let Counts {
            started_at,
            bytes,
            bytes_read,
            rows,
            created,
            changed,
            unchanged,
            refused,
            ambiguous,
            reported,
            encoding,
            separator,
            ignored,
            reason,
            ..
        } = job.progress.counts;
        let known = reason.and_then(|reason| serde_json::from_value(reason).ok());
        let reason: Option<Reason> = if abandoned {
            Some(Reason::Interrupted)
        } else {
            known
        };
        let state = if abandoned {
            ImportState::Failed
        } else {
            job.progress.state
        };
        Self {
            id: job.id,
            r#type: job.resource_type,
            state,
            mode: job.mode,
            dry_run: job.dry_run,
            source: Some(job.source).filter(|source| !source.is_empty()),
            file: job.file,
            asked_by: job.caller,
            asked_at: job.asked_at,
            started_at,
            ended_at: job.progress.ended_at,
            expected_at: job
                .progress
                .expected_at
                .filter(|_| state == ImportState::Running),
            progress: ImportProgress {
                bytes,
                bytes_read,
                rows,
            },
            counts: ImportCounts {
                created,
                changed,
                unchanged,
                refused,
                ambiguous,
            },
            reported,
            forgotten: job.progress.forgotten,
            encoding,
            separator,
            ignored_columns: ignored,
            reason: reason.map(|reason| ImportReason::of(&reason, language)),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> ImportState {
        self.state
    }

    /// Why it came to nothing, in words.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.reason.as_ref().map(|reason| reason.detail.as_str())
    }

    /// What became of the rows, in one line of codes.
    #[must_use]
    pub fn summary(&self) -> String {
        let ImportCounts {
            created,
            changed,
            unchanged,
            refused,
            ambiguous,
        } = &self.counts;
        format!(
            "{} · created {created} · changed {changed} · unchanged {unchanged} · refused {refused} · ambiguous {ambiguous}",
            self.state.code()
        )
    }
}

impl ImportReason {
    fn of(reason: &Reason, language: Language) -> Self {
        let columns = match reason {
            Reason::MissingColumns { columns } => columns.clone(),
            Reason::RepeatedColumn { name } => vec![name.clone()],
            _ => Vec::new(),
        };
        Self {
            code: reason.code().to_owned(),
            detail: words::tell_reason(reason, language),
            columns,
        }
    }
}

impl ImportLine {
    /// The line in a language; nothing when it cannot be read.
    #[must_use]
    pub fn of(line: Line, language: Language) -> Option<Self> {
        use domain::imports::Severity;
        let error: RowError = serde_json::from_str(&line.error).ok()?;
        Some(Self {
            line: line.line,
            column: line.column,
            code: error.code().to_owned(),
            value: line.value,
            outcome: match error.severity() {
                Severity::Refused => "refused",
                Severity::Ambiguous => "ambiguous",
                Severity::Noticed => "noticed",
            },
            detail: words::tell_row(&error, language),
            facts: RawValue::from_string(line.error).ok()?,
        })
    }
}
