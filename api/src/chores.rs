//! What must be done from time to time: by a server every hour, and by `maillage maintain`.

use std::time::Duration;

use jiff::SignedDuration;
use persistence::{Database, Fault, Origin, accounts, changes, idempotency, lanes, sessions};
use serde::Serialize;

use crate::imports;

/// How much was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Answers kept for requests that come again.
    pub answers: usize,
    /// Changes trimmed away from the feed.
    pub changes: usize,
    /// Sessions, one-time codes, devices and tries of passwords that are over.
    pub log_ins: usize,
    /// Reports of imports.
    pub reports: usize,
    /// Imports whose process is gone, said to have failed.
    pub imports_failed: usize,
}

/// Forgets what is kept no longer, and says so of imports whose process went away. Done twice, it does
/// nothing the second time; a server may go on meanwhile, and do the same.
pub async fn once(
    database: &Database,
    origin: Origin,
    feed_kept_for: Duration,
) -> Result<Done, Fault> {
    let now = origin.at;
    let kept_for = SignedDuration::try_from(feed_kept_for).unwrap_or(SignedDuration::MAX);
    let oldest = now.checked_sub(kept_for).ok();
    let forget = move |tx: &mut persistence::Tx| {
        let log_ins =
            sessions::forget(tx, now)? + accounts::forget(tx, now)? + lanes::forget(tx, now)?;
        Ok::<_, Fault>(Done {
            log_ins,
            answers: idempotency::forget(tx, now)?,
            changes: oldest.map_or(Ok(0), |oldest| changes::trim(tx, oldest))?,
            ..Done::default()
        })
    };
    let done = database.transact(origin.clone(), forget).await?;
    Ok(Done {
        reports: imports::resource::forget(database, now).await?,
        imports_failed: imports::resource::bury(database, &origin).await?,
        ..done
    })
}
