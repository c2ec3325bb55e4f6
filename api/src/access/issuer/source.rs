//! Where an issuer's keys come from, and how long they are believed.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;
use ureq::Agent;

use super::key_set::KeySet;
use crate::access::Unproven;

/// How long a set is believed while no newer one can be had.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How long an issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest key set, in bytes.
const LARGEST: u64 = 1 << 20;

/// A file or an address.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    Address(String),
}

/// Why no key set was had.
#[derive(Debug, thiserror::Error)]
pub enum NoKeySet {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// The address does not answer as it should.
    #[error("{0}: {1}")]
    Unreachable(String, ureq::Error),
    /// It answers, with something else.
    #[error("{0}: answered {1}")]
    Refused(String, u16),
    /// What was had is no key set.
    #[error("no key set: {0}")]
    Unfit(#[from] serde_json::Error),
    /// The thread that fetched it is gone.
    #[error("the thread that fetched it is gone")]
    Lost,
}

/// The keys of an issuer: kept, renewed when they are old, looked for when one is missing.
///
/// One fetch at a time, and never two within `between`: whoever sends tokens with keys that do not
/// exist makes us ask no more often.
pub(super) struct KeySource {
    place: Place,
    fresh_for: SignedDuration,
    between: SignedDuration,
    kept: Arc<RwLock<Kept>>,
    fetching: Mutex<()>,
}

#[derive(Clone, Default)]
struct Kept {
    /// The set, and when it was had.
    set: Option<(Arc<KeySet>, Timestamp)>,
    tried_at: Option<Timestamp>,
}

impl Kept {
    fn within(&self, age: SignedDuration, now: Timestamp) -> Option<&Arc<KeySet>> {
        let (set, had_at) = self.set.as_ref()?;
        (now.duration_since(*had_at) < age).then_some(set)
    }

    fn may_try(&self, between: SignedDuration, now: Timestamp) -> bool {
        self.tried_at
            .is_none_or(|tried_at| now.duration_since(tried_at) >= between)
    }

    fn find(
        &self,
        id: Option<&str>,
        by: Algorithm,
        now: Timestamp,
    ) -> Result<DecodingKey, Unproven> {
        let set = self.within(KEPT_FOR, now).ok_or(Unproven::NoKeys)?;
        set.find(id, by).cloned().ok_or(Unproven::BadToken)
    }
}

impl KeySource {
    pub(super) fn new(place: Place, fresh_for: SignedDuration, between: SignedDuration) -> Self {
        Self {
            place,
            fresh_for,
            between,
            kept: Arc::default(),
            fetching: Mutex::new(()),
        }
    }

    /// The key that may prove a token.
    ///
    /// A key of a set that is old is believed while somebody else looks whether it still stands,
    /// and while that fails, for a day.
    pub(super) async fn key(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<DecodingKey, Unproven> {
        let kept = self.kept();
        let found = kept.find(id, algorithm, now);
        let turn = if found.is_ok() {
            let fresh = kept.within(self.fresh_for, now).is_some();
            if fresh || !kept.may_try(self.between, now) {
                return found;
            }
            match self.fetching.try_lock() {
                Ok(turn) => turn,
                Err(_) => return found,
            }
        } else {
            // Whoever has no key waits for the fetch that goes on, if any.
            self.fetching.lock().await
        };
        if self.kept().may_try(self.between, now)
            && let Err(cause) = self.renew(now).await
        {
            tracing::warn!(%cause, "the issuer's keys could not be renewed");
        }
        drop(turn);
        self.kept().find(id, algorithm, now)
    }

    /// Gets the set anew; the one that is kept stays when that fails.
    ///
    /// The thread that fetches it keeps it, so that a client who goes away in the meantime, and
    /// ends the request, does not keep it from the others.
    pub(super) async fn renew(&self, now: Timestamp) -> Result<(), NoKeySet> {
        write(&self.kept, |kept| kept.tried_at = Some(now));
        let (place, kept) = (self.place.clone(), self.kept.clone());
        let fetched = actix_web::web::block(move || {
            let set = Arc::new(place.key_set()?);
            write(&kept, |kept| kept.set = Some((set, now)));
            Ok(())
        });
        fetched.await.or(Err(NoKeySet::Lost))?
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    fn kept(&self) -> Kept {
        let kept = self.kept.read();
        kept.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn write(kept: &RwLock<Kept>, change: impl FnOnce(&mut Kept)) {
    change(&mut kept.write().unwrap_or_else(PoisonError::into_inner));
}

impl Place {
    /// Reads or fetches the set; no redirect is followed.
    fn key_set(&self) -> Result<KeySet, NoKeySet> {
        let json = match self {
            Self::File(path) => {
                std::fs::read(path).map_err(|error| NoKeySet::Unreadable(path.clone(), error))?
            }
            Self::Address(address) => fetch(address)?,
        };
        Ok(KeySet::parse(&json)?)
    }
}

fn fetch(address: &str) -> Result<Vec<u8>, NoKeySet> {
    let unreachable = |error| NoKeySet::Unreachable(address.to_owned(), error);
    let config = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .http_status_as_error(false)
        .build();
    let mut answer = config
        .new_agent()
        .get(address)
        .header("accept", "application/jwk-set+json, application/json")
        .call()
        .map_err(unreachable)?;
    if answer.status() != 200 {
        let status = answer.status().as_u16();
        return Err(NoKeySet::Refused(address.to_owned(), status));
    }
    let body = answer.body_mut().with_config().limit(LARGEST);
    body.read_to_vec().map_err(unreachable)
}
