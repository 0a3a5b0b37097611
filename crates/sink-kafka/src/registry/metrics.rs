use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, core::Collector};

/// Metrics of all sinks about their registries.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    requests: IntCounterVec,
    unverified: IntGaugeVec,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Opts::new(
            "kalends_kafka_registry_requests_total",
            "Requests to the schema registry: answered, refused (4xx) or failed (no answer, or 5xx).",
        );
        let unverified = Opts::new(
            "kalends_kafka_registry_unverified_ids",
            "Schema ids in use that the registry has not confirmed since the last connect.",
        );
        Self { requests: counters(requests), unverified: gauges(unverified) }
    }
}

impl Metrics {
    pub(crate) fn collectors(&self) -> [Box<dyn Collector>; 2] {
        [Box::new(self.requests.clone()), Box::new(self.unverified.clone())]
    }

    /// The numbers of one sink, all of them there from now on.
    pub(crate) fn of_sink(&self, sink: &str) -> SinkMetrics {
        let requests = |outcome| self.requests.with_label_values(&[sink, outcome]);
        SinkMetrics {
            requests: Requests {
                answered: requests("answered"),
                refused: requests("refused"),
                failed: requests("failed"),
            },
            unverified: self.unverified.with_label_values(&[sink]),
        }
    }
}

/// Metrics of one sink about its registry.
#[derive(Debug, Clone)]
pub(crate) struct SinkMetrics {
    pub(super) requests: Requests,
    pub(super) unverified: IntGauge,
}

/// Requests by their outcome.
#[derive(Debug, Clone)]
pub(super) struct Requests {
    pub(super) answered: IntCounter,
    pub(super) refused: IntCounter,
    pub(super) failed: IntCounter,
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn counters(opts: Opts) -> IntCounterVec {
    IntCounterVec::new(opts, &["sink", "outcome"]).expect("a valid name")
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn gauges(opts: Opts) -> IntGaugeVec {
    IntGaugeVec::new(opts, &["sink"]).expect("a valid name")
}
