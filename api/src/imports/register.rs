//! The imports that this process works on: how far they are, and for how long others must wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::imports::{ImportMode, ImportState};
use jiff::Timestamp;
use persistence::imports::{Counts, Job, Presence};
use persistence::{Fault, Location};
use uuid::Uuid;

/// How many files may wait their turn in one process.
const MOST_WAITING: usize = 8;

/// How often a process looks at what others do.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(1);

/// How many bytes a second an import is thought to take before its own pace is known.
const FIRST_PACE: u64 = 200_000;

/// How far one import is, as the rest of the process sees it.
#[derive(Debug)]
pub struct Live {
    counts: Mutex<Counts>,
    state: Mutex<ImportState>,
    began: Mutex<Instant>,
    exclusive: bool,
}

/// The imports of this process.
#[derive(Default)]
pub struct Register {
    live: Mutex<BTreeMap<Uuid, Arc<Live>>>,
    presence: Mutex<Option<Presence>>,
    turn: Mutex<()>,
    elsewhere: Mutex<Elsewhere>,
}

/// What was last seen of imports that other processes work on.
#[derive(Default)]
struct Elsewhere {
    seen: Option<Instant>,
    until: Option<Timestamp>,
}

impl Register {
    /// The id under which this process is seen to be there.
    pub fn process(&self, location: &Location) -> Result<Uuid, Fault> {
        let mut presence = held(&self.presence);
        if let Some(presence) = presence.as_ref() {
            return Ok(presence.process());
        }
        let shown = Presence::show(location)?;
        let process = shown.process();
        *presence = Some(shown);
        Ok(process)
    }

    /// Takes an import in; nothing when too many wait already.
    pub fn take_in(&self, job: &Job) -> Option<Arc<Live>> {
        let mut live = held(&self.live);
        if live.len() >= MOST_WAITING {
            return None;
        }
        let one = Arc::new(Live::of(job));
        live.insert(job.id, one.clone());
        Some(one)
    }

    /// Forgets an import that ended.
    pub fn let_go(&self, id: Uuid) {
        held(&self.live).remove(&id);
    }

    /// How far an import of this process is.
    #[must_use]
    pub fn live(&self, id: Uuid) -> Option<Arc<Live>> {
        held(&self.live).get(&id).cloned()
    }

    /// One import at a time.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        held(&self.turn)
    }

    /// Whether it is time to look again at what other processes do.
    pub fn looks_elsewhere(&self) -> bool {
        let mut elsewhere = held(&self.elsewhere);
        let due = elsewhere
            .seen
            .is_none_or(|seen| seen.elapsed() >= LOOKED_AT_EVERY);
        if due {
            elsewhere.seen = Some(Instant::now());
        }
        due
    }

    /// Says until when an import of another process keeps others waiting, if one does.
    pub fn seen_elsewhere(&self, until: Option<Timestamp>) {
        held(&self.elsewhere).until = until;
    }

    /// For how many seconds an import of another process will keep other writers waiting.
    #[must_use]
    pub fn waits_elsewhere(&self, now: Timestamp) -> Option<u64> {
        let until = held(&self.elsewhere).until?;
        let seconds = until.duration_since(now).as_secs();
        Some(u64::try_from(seconds).unwrap_or(0).max(1))
    }

    /// For how many seconds an import of everything or nothing will keep other writers waiting, by
    /// its own pace; nothing when none does.
    #[must_use]
    pub fn keeps_waiting(&self) -> Option<u64> {
        let live = held(&self.live);
        let exclusive = live
            .values()
            .filter(|one| one.exclusive && one.state() == ImportState::Running);
        exclusive.map(|one| one.seconds_left()).max()
    }
}

impl Live {
    fn of(job: &Job) -> Self {
        Self {
            counts: Mutex::new(job.progress.counts.clone()),
            state: Mutex::new(job.progress.state),
            began: Mutex::new(Instant::now()),
            exclusive: job.mode == ImportMode::Atomic || job.dry_run,
        }
    }

    /// What it counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        held(&self.counts).clone()
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> ImportState {
        *held(&self.state)
    }

    /// Says what it counted.
    pub(super) fn count(&self, counts: &Counts) {
        held(&self.counts).clone_from(counts);
    }

    /// Says that it began.
    pub(super) fn begin(&self) {
        *held(&self.began) = Instant::now();
        *held(&self.state) = ImportState::Running;
    }

    /// Says that nobody has to wait any more.
    pub(super) fn end(&self, state: ImportState) {
        *held(&self.state) = state;
    }

    /// In how many seconds it will have ended if it goes on at its pace, 1 or more.
    #[must_use]
    pub fn seconds_left(&self) -> u64 {
        let elapsed = held(&self.began).elapsed().as_millis();
        let counts = held(&self.counts);
        let left = u128::from(counts.bytes.saturating_sub(counts.bytes_read));
        let millis = if counts.bytes_read == 0 {
            left.saturating_mul(1000) / u128::from(FIRST_PACE)
        } else {
            left.saturating_mul(elapsed) / u128::from(counts.bytes_read)
        };
        u64::try_from(millis.div_ceil(1000))
            .unwrap_or(u64::MAX)
            .max(1)
    }
}

/// What a lock guards, even after a panic elsewhere: it is never left half written.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
