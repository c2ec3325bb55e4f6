//! Measures of the running server, as Prometheus reads them.

use std::time::Duration;

use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

/// The measures.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    waiting: IntGaugeVec,
    compared: IntCounter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Measures at nothing.
    ///
    /// # Panics
    ///
    /// Never: names and labels are constants that the library accepts.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "constant names, checked by every test that starts a server"
    )]
    pub fn new() -> Self {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("maillage_requests_total", "Requests answered."),
            &["method", "operation", "status"],
        );
        let durations = HistogramVec::new(
            HistogramOpts::new("maillage_request_seconds", "How long requests took.").buckets(
                vec![
                    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
                ],
            ),
            &["operation"],
        );
        let waiting = IntGaugeVec::new(
            Opts::new("maillage_database_waiting", "Work waiting for the base."),
            &["kind"],
        );
        let made = (
            requests.expect("a valid counter"),
            durations.expect("a valid histogram"),
        );
        let (requests, durations) = made;
        let waiting = waiting.expect("a valid gauge");
        let compared = IntCounter::new(
            "maillage_secrets_compared_total",
            "Secrets and passwords compared with a hash.",
        )
        .expect("a valid counter");
        registry
            .register(Box::new(compared.clone()))
            .expect("registered once");
        registry
            .register(Box::new(requests.clone()))
            .expect("registered once");
        registry
            .register(Box::new(durations.clone()))
            .expect("registered once");
        registry
            .register(Box::new(waiting.clone()))
            .expect("registered once");
        Self {
            registry,
            requests,
            durations,
            waiting,
            compared,
        }
    }

    /// Counts one comparison of a secret with a hash.
    pub fn count_comparison(&self) {
        self.compared.inc();
    }

    /// Counts one request.
    pub fn observe(&self, method: &str, operation: &str, status: u16, took: Duration) {
        // A method that nobody knows must not make a label of its own.
        let method = match method {
            "GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "OPTIONS" | "PUT" => method,
            _ => "other",
        };
        self.requests
            .with_label_values(&[method, operation, &status.to_string()])
            .inc();
        self.durations
            .with_label_values(&[operation])
            .observe(took.as_secs_f64());
    }

    /// All of it as text.
    #[must_use]
    pub fn text(&self, (reads, writes): (usize, usize)) -> String {
        let number = |waiting: usize| i64::try_from(waiting).unwrap_or(i64::MAX);
        self.waiting.with_label_values(&["read"]).set(number(reads));
        self.waiting
            .with_label_values(&["write"])
            .set(number(writes));
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .unwrap_or_default()
    }
}
