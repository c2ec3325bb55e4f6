//! Loading a vintage of reference lists, for the command and for whoever has a transaction.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::sync::Arc;

use domain::access::{Action, Actor, Denied, Permit, Target};
use domain::territories::{
    ChangeDays, Decision, Key, Territory, TerritoryId, TerritoryKind, Vintage, VintageRefusal,
    compare,
};
use domain::values::{CodeList, Date, Label};
use indicatif::{ProgressBar, ProgressStyle};
use persistence::{Database, Failure, Fault, Origin, Tx, territories};
use serde::Serialize;
use uuid::Uuid;

use super::files::{self, Asked, NotRead, NotTaken};
use crate::settings::Territories;

/// What an import of reference lists did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The day for which the lists say what is true.
    pub attested_on: Date,
    /// How many territories of each kind they give.
    pub listed: BTreeMap<&'static str, usize>,
    /// How many of each kind were recorded.
    pub created: BTreeMap<&'static str, usize>,
    /// How many of each kind changed.
    pub changed: BTreeMap<&'static str, usize>,
    /// How many of each kind ended.
    pub ended: BTreeMap<&'static str, usize>,
    /// How many were recorded exactly so.
    pub unchanged: usize,
    /// Recorded territories that the lists neither give nor explain; they were left as they are.
    pub missing: Vec<String>,
    /// Larger territories that the lists name and nobody holds.
    pub unlinked: Vec<String>,
}

/// Why reference lists are not loaded.
#[derive(Debug, thiserror::Error)]
pub enum NotLoaded {
    /// The base failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// They do not fit what is recorded, or contradict themselves.
    #[error(transparent)]
    Refused(#[from] VintageRefusal),
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl Failure for NotLoaded {
    fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            Self::Refused(_) | Self::Denied(_) => None,
        }
    }
}

/// Loads the files that a command names, all or nothing; `shown` shows the progress.
pub async fn from_files(
    database: &Database,
    origin: Origin,
    asked: &Territories,
    shown: bool,
) -> Result<Report, Box<dyn std::error::Error>> {
    let vintage = Arc::new(read(asked)?);
    let bar = if shown {
        ProgressBar::new(0).with_style(ProgressStyle::default_bar())
    } else {
        ProgressBar::hidden()
    };
    let permit = permit()?;
    let report = database
        .transact(origin, move |tx| {
            load(tx, &permit, &vintage, |step| match step {
                Step::Of(steps) => {
                    bar.reset();
                    bar.set_length(steps.try_into().unwrap_or(u64::MAX));
                }
                Step::Done => bar.inc(1),
            })
        })
        .await?;
    Ok(report)
}

fn read(asked: &Territories) -> Result<Vintage, Box<dyn std::error::Error>> {
    let source = asked.source.as_deref().map(Label::parse).transpose();
    let mut days = ChangeDays::default();
    for change in &asked.changed_on {
        match &change.code {
            Some(code) => drop(days.by_code.insert(code.clone(), change.day)),
            None => days.all = Some(change.day),
        }
    }
    let mut opened = Vec::new();
    for path in &asked.files {
        let file = path.display().to_string();
        match File::open(path) {
            Ok(content) => opened.push((file, content)),
            Err(error) => {
                return Err(NotTaken {
                    file,
                    why: error.into(),
                }
                .into());
            }
        }
    }
    let vintage = files::read(
        opened,
        &Asked {
            year: asked.vintage,
            days,
            source: source.map_err(|error| format!("--source: {error}"))?,
        },
    )?;
    let districts = vintage
        .entries
        .iter()
        .all(|entry| entry.key.kind == TerritoryKind::Qpv);
    if asked.kind.is_some() && !districts {
        let file = asked.files.first().map(|path| path.display().to_string());
        return Err(NotTaken {
            file: file.unwrap_or_default(),
            why: NotRead::Unknown,
        }
        .into());
    }
    Ok(vintage)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<26}{:>8}{:>9}{:>9}{:>7}",
            self.attested_on, "listed", "created", "changed", "ended"
        )?;
        let kinds = TerritoryKind::ALL.iter().map(|kind| kind.code());
        for kind in kinds {
            let counts = [&self.listed, &self.created, &self.changed, &self.ended];
            let [listed, created, changed, ended] =
                counts.map(|counts| counts.get(kind).copied().unwrap_or_default());
            if listed > 0 || created > 0 || changed > 0 || ended > 0 {
                writeln!(f, "{kind:<26}{listed:>8}{created:>9}{changed:>9}{ended:>7}")?;
            }
        }
        write!(f, "unchanged {}", self.unchanged)?;
        for (told, keys) in [
            ("recorded, neither given nor explained", &self.missing),
            ("named and not held", &self.unlinked),
        ] {
            if !keys.is_empty() {
                let some: Vec<&str> = keys.iter().take(10).map(String::as_str).collect();
                let more = if keys.len() > some.len() { ", …" } else { "" };
                write!(f, "\n{told}: {} ({}{more})", keys.len(), some.join(", "))?;
            }
        }
        Ok(())
    }
}

/// The right to load, of the one who runs the program.
pub fn permit() -> Result<Permit, Denied> {
    Actor::operator().authorise(Action::LoadTerritories, Target::Everything)
}

/// Records what a vintage changes; `step` is told how many changes there are, then of each.
///
/// Loading the same again changes nothing.
pub fn load(
    tx: &mut Tx,
    permit: &Permit,
    vintage: &Vintage,
    mut step: impl FnMut(Step),
) -> Result<Report, NotLoaded> {
    let found = {
        let recorded = territories::of_reference(tx)?;
        compare(vintage, &recorded, || TerritoryId::new(Uuid::now_v7()))?
    };
    let mut report = Report {
        attested_on: vintage.attested_on,
        listed: BTreeMap::new(),
        created: BTreeMap::new(),
        changed: BTreeMap::new(),
        ended: BTreeMap::new(),
        unchanged: found.unchanged,
        missing: found.missing.iter().map(named).collect(),
        unlinked: found.unlinked.iter().map(named).collect(),
    };
    for entry in &vintage.entries {
        count(&mut report.listed, entry.key.kind);
    }
    step(Step::Of(found.decisions.len()));
    for decision in &found.decisions {
        territories::keep(tx, permit, decision)?;
        let counts = match decision {
            Decision::Create(_) => &mut report.created,
            Decision::Change(_) => &mut report.changed,
            Decision::End(_) => &mut report.ended,
        };
        count(counts, of(decision).kind);
        step(Step::Done);
    }
    Ok(report)
}

/// How far loading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many changes will be recorded.
    Of(usize),
    /// One is.
    Done,
}

fn of(decision: &Decision) -> &Territory {
    match decision {
        Decision::Create(territory) | Decision::Change(territory) | Decision::End(territory) => {
            territory
        }
    }
}

fn named(key: &Key) -> String {
    format!("{}:{}", key.kind, key.code)
}

fn count(counts: &mut BTreeMap<&'static str, usize>, kind: TerritoryKind) {
    let count = counts.entry(kind.code()).or_default();
    *count = count.saturating_add(1);
}
