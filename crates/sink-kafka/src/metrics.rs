use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, core::Collector,
};

use crate::registry;

mod transaction_state;

pub(crate) use transaction_state::TransactionState;

/// From 2 ms, a broker next door, to 10 s, one in distress.
const COMMIT_SECONDS: [f64; 12] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Metrics of all Kafka sinks. Cheap to clone: clones share the numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    transactions: IntCounterVec,
    commit_seconds: HistogramVec,
    messages: IntCounterVec,
    bytes: IntCounterVec,
    brokers_up: IntGaugeVec,
    queued: IntGaugeVec,
    queued_bytes: IntGaugeVec,
    round_trip: GaugeVec,
    states: IntGaugeVec,
    registry: registry::Metrics,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            transactions: counters(
                "transactions_total",
                "Transactions ended; without transactions, groups of records acknowledged or given up.",
                &["sink", "outcome"],
            ),
            commit_seconds: histograms(
                "commit_seconds",
                "Time from a commit's call until the cluster had confirmed it.",
            ),
            messages: counters("messages_total", "Records that the cluster acknowledged.", &["sink"]),
            bytes: counters("bytes_total", "Bytes of keys and values acknowledged.", &["sink"]),
            brokers_up: gauges("brokers_up", "Brokers that the sink is connected to.", &["sink"]),
            queued: gauges(
                "queued_messages",
                "Records in the client that no broker has acknowledged.",
                &["sink"],
            ),
            queued_bytes: gauges("queued_bytes", "Bytes of those records.", &["sink"]),
            round_trip: seconds(
                "round_trip_seconds",
                "Round trip to the slowest broker: 99th percentile of the last five seconds.",
            ),
            states: gauges(
                "transaction_state",
                "1 for what the transactional producer is doing, 0 for the rest; all 0 without transactions.",
                &["sink", "state"],
            ),
            registry: registry::Metrics::default(),
        }
    }
}

impl Metrics {
    /// Registers everything. Every name begins with `kalends_kafka_`.
    ///
    /// # Errors
    /// When one of the names is registered already.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let collectors: [Box<dyn Collector>; 9] = [
            Box::new(self.transactions.clone()),
            Box::new(self.commit_seconds.clone()),
            Box::new(self.messages.clone()),
            Box::new(self.bytes.clone()),
            Box::new(self.brokers_up.clone()),
            Box::new(self.queued.clone()),
            Box::new(self.queued_bytes.clone()),
            Box::new(self.round_trip.clone()),
            Box::new(self.states.clone()),
        ];
        collectors
            .into_iter()
            .chain(self.registry.collectors())
            .try_for_each(|collector| registry.register(collector))
    }

    /// The numbers of one sink, all of them there from now on.
    pub(crate) fn of_sink(self, sink: &str) -> SinkMetrics {
        SinkMetrics {
            committed: self.transactions.with_label_values(&[sink, "committed"]),
            aborted: self.transactions.with_label_values(&[sink, "aborted"]),
            commit_seconds: self.commit_seconds.with_label_values(&[sink]),
            messages: self.messages.with_label_values(&[sink]),
            bytes: self.bytes.with_label_values(&[sink]),
            brokers_up: self.brokers_up.with_label_values(&[sink]),
            queued: self.queued.with_label_values(&[sink]),
            queued_bytes: self.queued_bytes.with_label_values(&[sink]),
            round_trip: self.round_trip.with_label_values(&[sink]),
            states: TransactionState::ALL
                .map(|state| (state, self.states.with_label_values(&[sink, state.as_str()]))),
            registry: self.registry.of_sink(sink),
        }
    }
}

/// Metrics of one Kafka sink.
#[derive(Debug, Clone)]
pub(crate) struct SinkMetrics {
    pub(crate) committed: IntCounter,
    pub(crate) aborted: IntCounter,
    pub(crate) commit_seconds: Histogram,
    pub(crate) messages: IntCounter,
    pub(crate) bytes: IntCounter,
    pub(crate) brokers_up: IntGauge,
    pub(crate) queued: IntGauge,
    pub(crate) queued_bytes: IntGauge,
    pub(crate) round_trip: Gauge,
    pub(crate) states: [(TransactionState, IntGauge); TransactionState::ALL.len()],
    pub(crate) registry: registry::SinkMetrics,
}

impl SinkMetrics {
    pub(crate) fn transaction_state(&self, now: Option<TransactionState>) {
        for (state, gauge) in &self.states {
            gauge.set(i64::from(now == Some(*state)));
        }
    }

    /// Shows that there is no client.
    pub(crate) fn disconnected(&self) {
        for gauge in [&self.brokers_up, &self.queued, &self.queued_bytes] {
            gauge.set(0);
        }
        self.round_trip.set(0.0);
        self.transaction_state(None);
    }
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn counters(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(format!("kalends_kafka_{name}"), help), labels).expect("a valid name")
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn gauges(name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    IntGaugeVec::new(Opts::new(format!("kalends_kafka_{name}"), help), labels).expect("a valid name")
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn seconds(name: &str, help: &str) -> GaugeVec {
    GaugeVec::new(Opts::new(format!("kalends_kafka_{name}"), help), &["sink"]).expect("a valid name")
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn histograms(name: &str, help: &str) -> HistogramVec {
    let options = HistogramOpts::new(format!("kalends_kafka_{name}"), help).buckets(COMMIT_SECONDS.to_vec());
    HistogramVec::new(options, &["sink"]).expect("a valid name and rising buckets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_a_sink_is_there_from_the_start_and_under_one_prefix() {
        let registry = Registry::new();
        let metrics = Metrics::default();
        metrics.register(&registry).unwrap();
        drop(metrics.clone().of_sink("kafka"));
        assert_eq!(registry.gather().len(), 11);
        assert!(registry.gather().iter().all(|family| family.name().starts_with("kalends_kafka_")));
        assert!(metrics.register(&registry).is_err());
    }
}
