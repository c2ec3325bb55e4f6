//! How often a caller may come, and how a caller learns it.

use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::header::HeaderValue;
use domain::access::CallerId;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{NotUntil, Quota, RateLimiter};

use crate::words::Request;

type Limiter =
    RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// The limits: one on all requests of a client or address, two on secrets that are tried.
pub struct Rates {
    requests: Option<(Limiter, NonZeroU32)>,
    secrets: Limiter,
    addresses: Limiter,
}

/// What is left to a caller.
pub struct Allowance(Option<Left>);

struct Left {
    per_minute: NonZeroU32,
    remaining: u32,
}

/// Tries of secrets for one client from one address in a minute.
const SECRETS_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

/// Tries of secrets from one address in a minute.
const SECRETS_PER_MINUTE_AND_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(119);

impl Rates {
    /// So many requests a minute for each client; 0 for no limit.
    #[must_use]
    pub fn new(requests_per_minute: u32) -> Self {
        let limiter =
            |per_minute| RateLimiter::keyed(Quota::per_minute(per_minute)).with_middleware();
        let requests = NonZeroU32::new(requests_per_minute)
            .map(|per_minute| (limiter(per_minute), per_minute));
        Self {
            requests,
            secrets: limiter(SECRETS_PER_MINUTE),
            addresses: limiter(SECRETS_PER_MINUTE_AND_ADDRESS),
        }
    }

    /// Counts one request of a client: what is left to it, and whether this one is too many.
    pub fn check(&self, client: &str) -> (Allowance, Result<(), Request>) {
        let Some((limiter, per_minute)) = &self.requests else {
            return (Allowance(None), Ok(()));
        };
        let (remaining, verdict) = match limiter.check_key(&client.to_owned()) {
            Ok(snapshot) => (snapshot.remaining_burst_capacity(), Ok(())),
            Err(not_until) => (0, Err(too_many(&not_until))),
        };
        let left = Left {
            per_minute: *per_minute,
            remaining,
        };
        (Allowance(Some(left)), verdict)
    }

    /// Counts one try of a secret: of all from one address, and of those for one client from it, so
    /// that nobody's guesses lock somebody else out.
    pub fn check_secrets(&self, client: Option<CallerId>, from: &str) -> Result<(), Request> {
        self.addresses
            .check_key(&from.to_owned())
            .map_err(|not_until| too_many(&not_until))?;
        if let Some(client) = client {
            let pair = format!("{from} {client}");
            self.secrets
                .check_key(&pair)
                .map_err(|not_until| too_many(&not_until))?;
        }
        Ok(())
    }

    /// Forgets those who have not come for a while.
    pub fn tidy(&self) {
        if let Some((limiter, _)) = &self.requests {
            limiter.retain_recent();
        }
        self.secrets.retain_recent();
        self.addresses.retain_recent();
    }
}

fn too_many(not_until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Request {
    let wait: Duration = not_until.wait_time_from(DefaultClock::default().now());
    Request::TooMany {
        retry_after_seconds: wait.as_secs().saturating_add(1),
    }
}

impl Allowance {
    /// `RateLimit` and `RateLimit-Policy` (IETF draft, httpapi-ratelimit-headers).
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, HeaderValue)> {
        self.0.iter().flat_map(|left| {
            // The limit refills steadily, so the wait for all of it depends on what is gone.
            let gone = left.per_minute.get().saturating_sub(left.remaining);
            let full_again = u64::from(gone)
                .saturating_mul(60)
                .div_ceil(u64::from(left.per_minute.get()));
            let policy = format!("\"client\";q={};w=60", left.per_minute);
            let state = format!("\"client\";r={};t={full_again}", left.remaining);
            [("ratelimit-policy", policy), ("ratelimit", state)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?)))
        })
    }
}
