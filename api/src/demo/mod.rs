//! The demonstration: the Alès basin as public sources describe it (`data/demo/README.md` names the
//! source of each statement). Real organisations; what is invented says so itself.

mod territories;

use std::collections::HashMap;

use domain::access::{Action, Actor, Denied, Target, Visibility};
use domain::organisations::{
    EndOfOrganisation, Organisation, OrganisationFields, OrganisationId, Refusal,
};
use domain::records::ChangeKind;
use domain::values::Date;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use persistence::documents::Filtered;
use persistence::organisations::{self, Filter};
use persistence::{Clock, Database, Failure, Fault, Origin, Tx};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// About how many territories there are, for the progress bar.
const TERRITORIES: usize = 5_178;

/// What the demonstration recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Territories.
    pub territories: usize,
    /// Organisations.
    pub organisations: usize,
}

/// Why the demonstration cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum NotFilled {
    /// The base failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The data of the demonstration breaks a rule.
    #[error("{0}: {1}")]
    Refused(String, Refusal),
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

/// One organisation of the demonstration.
#[derive(Clone, Debug, Deserialize)]
struct Entry {
    /// By which name the others of the file call it.
    key: String,
    /// Its end, if it ended.
    ended: Option<EndOfOrganisation>,
    /// What it is part of, by those names.
    #[serde(default)]
    part_of: Vec<Value>,
    /// The rest, as a caller would say it.
    #[serde(flatten)]
    fields: serde_json::Map<String, Value>,
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
    let entries: Vec<Entry> = serde_json::from_str(include_str!(
        "../../data/demo/organisations.json"
    ))
    .map_err(|error| NotFilled::Unreadable("organisations.json".to_owned(), error.to_string()))?;
    let bar = bar(entries.len().saturating_add(TERRITORIES), progress);
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
            let territories = territories::record_all(tx, || bar.inc(1))?;
            let mut ids = HashMap::new();
            for entry in &entries {
                let id = OrganisationId::new(Uuid::now_v7());
                record(tx, id, entry, &ids)?;
                ids.insert(entry.key.clone(), id);
                bar.inc(1);
            }
            bar.finish_and_clear();
            Ok(Some(Filled {
                territories,
                organisations: entries.len(),
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

fn record(
    tx: &mut Tx,
    id: OrganisationId,
    entry: &Entry,
    ids: &HashMap<String, OrganisationId>,
) -> Result<(), NotFilled> {
    let refused = |refusal| NotFilled::Refused(entry.key.clone(), refusal);
    let fields = entry.fields(ids)?;
    let permit = Actor::operator().authorise(Action::CreateOrganisation, Target::Everything)?;
    let wholes = organisations::wholes(tx, &permit, None, fields.wholes())?;
    let organisation = Organisation::create(id, fields, &wholes).map_err(refused)?;
    organisations::insert(tx, &permit, &organisation)?;
    if let Some(end) = &entry.ended {
        let permit = Actor::operator().authorise(Action::EndOrganisation, Target::Everything)?;
        let ended = organisation.end(end.clone(), &[]).map_err(refused)?;
        organisations::update(tx, &permit, ChangeKind::Ended, &ended)?;
    }
    Ok(())
}

impl Entry {
    /// The fields as a caller would say them, with ids for the names of the file.
    fn fields(
        &self,
        ids: &HashMap<String, OrganisationId>,
    ) -> Result<OrganisationFields, NotFilled> {
        let unreadable = |why: String| NotFilled::Unreadable(self.key.clone(), why);
        let mut fields = self.fields.clone();
        fields.remove("source");
        let mut part_of = self.part_of.clone();
        for part in &mut part_of {
            let members = part
                .as_object_mut()
                .ok_or_else(|| unreadable("part_of".to_owned()))?;
            let key = members.remove("whole_key").unwrap_or_default();
            let whole = key.as_str().and_then(|key| ids.get(key));
            let whole = whole.ok_or_else(|| unreadable(format!("no such key: {key}")))?;
            members.insert("whole".to_owned(), whole.to_string().into());
        }
        fields.insert("part_of".to_owned(), part_of.into());
        serde_json::from_value(fields.into()).map_err(|error| unreadable(error.to_string()))
    }
}
