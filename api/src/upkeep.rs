//! Keeping a base: seeing whether it agrees with itself, copying it, forgetting what is kept no longer.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use persistence::{Database, Location, Settings, Tx, checking, erasures, tending};
use serde_json::json;

use crate::commands::{Outcome, by_operator, processors};
use crate::{chores, demo};

fn patience(location: &Location) -> Duration {
    Settings::for_location(location, processors()).patience
}

/// Tells each fault on a line of its own, as it is found; with `erased`, also what should have been erased.
pub(crate) fn check(location: &Location, erased: bool, as_json: bool) -> Outcome {
    let mut found = 0_u64;
    let mut broken = None;
    let mut out = std::io::stdout().lock();
    let mut tell = |finding: checking::Finding| {
        found = found.saturating_add(1);
        let checking::Finding { table, id, wrong } = finding;
        let told = if as_json {
            writeln!(
                out,
                "{}",
                json!({ "table": table, "id": id, "wrong": wrong })
            )
        } else {
            writeln!(out, "{table}\t{id}\t{wrong}")
        };
        broken = told.err().or(broken.take());
    };
    let pending = persistence::pending(location, &Settings::for_location(location, processors()))?;
    if !pending.is_empty() {
        return Err(format!(
            "{location} lacks {}: run `maillage migrate`",
            pending.join(", ")
        )
        .into());
    }
    checking::check(location, patience(location), demo::today()?, &mut tell)?;
    if erased {
        erasures::check(location, patience(location), &words()?, &mut tell)?;
    }
    if let Some(error) = broken {
        return Err(error.into());
    }
    if found > 0 {
        return Err(format!("{location}: {found} faults").into());
    }
    if !as_json {
        println!("{location}: no fault");
    }
    Ok(())
}

/// The words on stdin, one a line; none from somebody at a terminal.
fn words() -> std::io::Result<Vec<String>> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Ok(Vec::new());
    }
    stdin.lines().collect()
}

/// Copies a live SQLite base.
pub(crate) fn back_up(location: &Location, to: &Path, as_json: bool) -> Outcome {
    let bytes = tending::back_up(location, to, patience(location))?;
    if as_json {
        println!("{}", json!({ "file": to, "bytes": bytes }));
    } else {
        println!("{}: {bytes} bytes", to.display());
    }
    Ok(())
}

/// Forgets what is kept no longer, and has the engine forget who was erased; then lets it tidy up.
pub(crate) async fn maintain(
    database: Database,
    feed_kept_for: Duration,
    vacuum: bool,
    as_json: bool,
) -> Outcome {
    let done = chores::once(&database, by_operator()?, feed_kept_for).await?;
    let location = database.location();
    let erased = database.read(erasures::unswept).await?;
    let swept = erased.len();
    if swept > 0 {
        erasures::sweep(location, patience(location))?;
        let origin = by_operator()?;
        let at = origin.at;
        let note = move |tx: &mut Tx| erasures::swept(tx, &erased, at);
        database.transact(origin, note).await?;
    }
    tending::tend(location, patience(location), vacuum)?;
    if as_json {
        println!("{}", json!({ "forgotten": done, "swept": swept }));
    } else {
        println!(
            "{location}: forgotten {} answers kept for retries, {} changes of the feed, {} sessions, codes and tries, \
             {} reports of imports, {swept} people who were erased; {} imports had failed",
            done.answers, done.changes, done.log_ins, done.reports, done.imports_failed
        );
    }
    Ok(())
}
