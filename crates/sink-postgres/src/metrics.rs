use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, core::Collector,
};

/// From 1 ms, a server next door, to 30 s, one that waits for a lock.
const COMMIT_SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 30.0];

/// What all PostgreSQL sinks count. Cheap to clone: clones share the numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    rows: IntCounterVec,
    passed_over: IntCounterVec,
    commit_seconds: HistogramVec,
    nul: IntCounterVec,
    surrogates: IntCounterVec,
    times: IntCounterVec,
    long_ids: IntCounterVec,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            rows: counters("rows_total", "Rows inserted into the tables of event types."),
            passed_over: counters(
                "rows_passed_over_total",
                "Rows that stood there already, after a seek, a restore or in a replay.",
            ),
            commit_seconds: HistogramVec::new(
                HistogramOpts::new(
                    "kalends_postgres_commit_seconds",
                    "Time of a commit, from its first statement on.",
                )
                .buckets(COMMIT_SECONDS.to_vec()),
                &["sink"],
            )
            .unwrap_or_else(|error| unreachable!("{error}")),
            nul: counters("nul_removed_total", "U+0000 taken out of texts and of JSON."),
            surrogates: counters("surrogates_replaced_total", "Halves of surrogate pairs replaced in JSON."),
            times: counters(
                "times_replaced_total",
                "Sender's times that counted as the time of reception in the state of a subscription.",
            ),
            long_ids: counters(
                "ids_too_long_total",
                "Events whose subscription has no state, since its id is over 200 bytes.",
            ),
        }
    }
}

impl Metrics {
    /// Registers everything. Every name begins with `kalends_postgres_`.
    ///
    /// # Errors
    /// When one of the names is registered already.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let collectors: [Box<dyn Collector>; 7] = [
            Box::new(self.rows.clone()),
            Box::new(self.passed_over.clone()),
            Box::new(self.commit_seconds.clone()),
            Box::new(self.nul.clone()),
            Box::new(self.surrogates.clone()),
            Box::new(self.times.clone()),
            Box::new(self.long_ids.clone()),
        ];
        collectors.into_iter().try_for_each(|collector| registry.register(collector))
    }

    /// The numbers of one sink.
    pub(crate) fn of(&self, sink: &str) -> SinkMetrics {
        let of = |counters: &IntCounterVec| counters.with_label_values(&[sink]);
        SinkMetrics {
            rows: of(&self.rows),
            passed_over: of(&self.passed_over),
            commit_seconds: self.commit_seconds.with_label_values(&[sink]),
            nul: of(&self.nul),
            surrogates: of(&self.surrogates),
            times: of(&self.times),
            long_ids: of(&self.long_ids),
        }
    }
}

/// The numbers of one sink.
#[derive(Debug, Clone)]
pub(crate) struct SinkMetrics {
    pub(crate) rows: IntCounter,
    pub(crate) passed_over: IntCounter,
    pub(crate) commit_seconds: Histogram,
    pub(crate) nul: IntCounter,
    pub(crate) surrogates: IntCounter,
    pub(crate) times: IntCounter,
    pub(crate) long_ids: IntCounter,
}

fn counters(name: &str, help: &str) -> IntCounterVec {
    IntCounterVec::new(Opts::new(format!("kalends_postgres_{name}"), help), &["sink"])
        .unwrap_or_else(|error| unreachable!("{error}"))
}
