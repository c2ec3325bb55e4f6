//! What the whole program shares: the base, the clock, the source of ids, keys, limits, measures.

mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::values::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use persistence::{Database, Fault};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::access::{Issuer, Keys, secrets};
use crate::http::asked::Caller;
use crate::http::source::Network;
use crate::imports::register::Register;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::rate::Rates;
use crate::words::Failed;

pub use work::{Odd, Telling, actor};

/// What time it is.
#[derive(Clone, Debug)]
pub enum Clock {
    /// As the system says.
    System,
    /// As a test says, with the seconds that have passed since.
    Fixed(Timestamp, Arc<AtomicU64>),
}

impl Clock {
    fn now(&self) -> Timestamp {
        match self {
            Self::System => in_microseconds(Timestamp::now()),
            Self::Fixed(start, passed) => {
                let passed = i64::try_from(passed.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
                *start + SignedDuration::from_secs(passed)
            }
        }
    }
}

/// An instant to the microsecond, as both engines keep it: what is told at once is then what is read
/// later.
fn in_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// Where ids come from.
#[derive(Clone, Debug)]
pub enum Ids {
    /// Random UUIDv7.
    Random,
    /// One after the other, for tests.
    Counted(Arc<AtomicU64>),
}

/// How much of anything a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// The largest file to import, in bytes.
    pub import_bytes: usize,
    /// How long a body may take to come.
    pub body_patience: Duration,
    /// How long a request may take in all.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            import_bytes: 64 << 20,
            body_patience: Duration::from_secs(15),
            patience: Duration::from_mins(1),
        }
    }
}

/// How long a request waits for its turn to have a secret compared.
const PATIENCE_TO_PROVE: Duration = Duration::from_secs(5);

/// The program's shared state.
pub struct App {
    database: Database,
    clock: Clock,
    ids: Ids,
    keys: Keys,
    limits: Limits,
    rates: Rates,
    metrics: Metrics,
    france: TimeZone,
    proving: Semaphore,
    open_to_the_public: bool,
    issuer: Option<Issuer>,
    imports: Register,
    proxies: Vec<Network>,
}

impl App {
    /// Puts the parts together. France's time zone is compiled in, so it is always known.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Clock,
        ids: Ids,
        keys: Keys,
        limits: Limits,
        rates: Rates,
    ) -> Self {
        let france = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        Self {
            database,
            clock,
            ids,
            keys,
            limits,
            rates,
            metrics: Metrics::new(),
            france,
            proving: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
            open_to_the_public: false,
            issuer: None,
            imports: Register::default(),
            proxies: Vec::new(),
        }
    }

    /// The same, where anybody reads the public directory without a token if `open`.
    #[must_use]
    pub fn open_to_the_public(mut self, open: bool) -> Self {
        self.open_to_the_public = open;
        self
    }

    /// The same, where the tokens of another issuer are believed too.
    #[must_use]
    pub fn believing(mut self, issuer: Option<Issuer>) -> Self {
        self.issuer = issuer;
        self
    }

    /// The issuer that is believed beside us.
    #[must_use]
    pub fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// The same, believing what these proxies say of who called them.
    #[must_use]
    pub fn behind(mut self, proxies: Vec<Network>) -> Self {
        self.proxies = proxies;
        self
    }

    /// The proxies that are believed.
    #[must_use]
    pub fn proxies(&self) -> &[Network] {
        &self.proxies
    }

    /// Who asks when no token is given: anybody at all, if the public is served.
    #[must_use]
    pub fn public(&self) -> Option<Caller> {
        self.open_to_the_public.then(|| Caller::public(self.now()))
    }

    /// The base.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The signing keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// How much a request may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How often a caller may come.
    #[must_use]
    pub fn limits_of_rate(&self) -> &Rates {
        &self.rates
    }

    /// The measures.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The imports that this process works on.
    #[must_use]
    pub fn imports(&self) -> &Register {
        &self.imports
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock, for work that asks it later.
    #[must_use]
    pub fn clock(&self) -> persistence::Clock {
        let clock = self.clock.clone();
        persistence::Clock::new(move || clock.now())
    }

    /// The present day in France.
    #[must_use]
    pub fn today(&self) -> Date {
        let day = self.now().to_zoned(self.france.clone()).date();
        Date::try_from(day).unwrap_or(Date::MAX)
    }

    /// The instant at which a day begins in France.
    #[must_use]
    pub fn midnight(&self, day: Date) -> Timestamp {
        let begins = day.jiff().to_zoned(self.france.clone());
        begins.map_or(Timestamp::MAX, |begins| begins.timestamp())
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        match &self.ids {
            Ids::Random => Uuid::now_v7(),
            Ids::Counted(next) => {
                let number = next.fetch_add(1, Ordering::Relaxed);
                Uuid::from_u64_pair(0x0198_f1c2_7a00_7000, 0x8000_0000_0000_0000 | number)
            }
        }
    }

    /// Whether a secret is the one that was hashed; the same work for nothing without a hash.
    pub async fn prove(&self, secret: String, hash: Option<String>) -> Result<bool, Problem> {
        self.metrics.count_comparison();
        self.in_turn(move || secrets::matches(&secret, hash.as_deref()))
            .await
    }

    /// The hash of a secret.
    pub async fn hash(&self, secret: String) -> Result<String, Problem> {
        let hashed = self.in_turn(move || secrets::hash(&secret)).await?;
        Ok(hashed.map_err(|error| Fault::Schema(error.to_string()))?)
    }

    /// Hashing takes memory and a processor: only so much is done at one time.
    pub async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = tokio::time::timeout(PATIENCE_TO_PROVE, self.proving.acquire()).await;
        let Ok(Ok(_place)) = place else {
            return Err(Failed::Unavailable.into());
        };
        let done = actix_web::web::block(work).await;
        Ok(done.map_err(|error| Fault::Panic(error.to_string()))?)
    }
}
