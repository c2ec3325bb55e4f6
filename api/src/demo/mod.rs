//! The demonstration: the Alès basin as public sources describe it (`data/demo/README.md` names the
//! source of each statement). Real organisations; what is invented says so itself.

mod files;
mod territories;

use domain::access::{Denied, Visibility};
use domain::values::Date;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use persistence::documents::Filtered;
use persistence::organisations::Filter;
use persistence::{Clock, Database, Failure, Fault, Origin, Tx};
use serde::Serialize;

use self::files::Files;

/// About how many territories there are, for the progress bar.
const TERRITORIES: usize = 5_178;

/// What the demonstration recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filled {
    /// Territories.
    pub territories: usize,
    /// Organisations.
    pub organisations: usize,
    /// Networks.
    pub networks: usize,
    /// What ties them to one another.
    pub relations: usize,
    /// Mergers, splits and successions.
    pub lineage: usize,
}

/// Why the demonstration cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum NotFilled {
    /// The base failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The data of the demonstration breaks a rule.
    #[error("{0}: {1}")]
    Refused(String, String),
    /// The data of the demonstration cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, String),
    /// The base already holds something.
    #[error("the base already holds something: the demonstration fills an empty one")]
    NotEmpty,
    /// The operator is not allowed, which the policy never says.
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl Failure for NotFilled {
    fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            _ => None,
        }
    }
}

/// The day it is in France.
pub fn today() -> Result<Date, jiff::Error> {
    let day = Timestamp::now().in_tz("Europe/Paris")?.date();
    Ok(Date::try_from(day).unwrap_or(Date::MAX))
}

/// Records the demonstration in one transaction; refused when something is there already, or not
/// done at all with `if_empty`.
pub async fn fill(
    database: &Database,
    if_empty: bool,
    today: Date,
    progress: bool,
) -> Result<Option<Filled>, NotFilled> {
    let files = Files::read()?;
    let bar = bar(files.len().saturating_add(TERRITORIES), progress);
    let origin = Origin::by_operator(Clock::new(Timestamp::now), today);
    database
        .transact(origin, move |tx| {
            if holds_something(tx)? {
                return if if_empty {
                    Ok(None)
                } else {
                    Err(NotFilled::NotEmpty)
                };
            }
            bar.reset();
            let mut keys = territories::record_all(tx, || bar.inc(1))?;
            let territories = keys.len();
            let told = files.record(tx, &mut keys, || bar.inc(1))?;
            bar.finish_and_clear();
            Ok(Some(Filled {
                territories,
                ..told
            }))
        })
        .await
}

fn holds_something(tx: &mut Tx) -> Result<bool, Fault> {
    let organisations = Filter::default().count(tx, Visibility::Everything)?;
    let all = persistence::territories::Filter::default();
    let territories = all.count(tx, Visibility::Everything)?;
    Ok(organisations > 0 || territories > 0)
}

fn bar(steps: usize, shown: bool) -> ProgressBar {
    if !shown {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(steps.try_into().unwrap_or(u64::MAX));
    bar.with_style(ProgressStyle::default_bar())
        .with_message("demo")
}
