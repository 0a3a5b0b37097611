use std::time::Duration;

use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

use super::{counters, enter, gauges};
use crate::state::SinkState;

/// From 1 ms, a broker next door, to 30 s, a destination in distress.
const COMMIT_SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Kinds of failure, as labels.
const FAILURES: [&str; 3] = ["retry", "hold", "data"];

/// The metrics of the sink loops, by their labels.
#[derive(Debug, Clone)]
pub(super) struct Families {
    state: IntGaugeVec,
    lag: IntGaugeVec,
    oldest: GaugeVec,
    delivered: IntCounterVec,
    refused: IntCounterVec,
    failures: IntCounterVec,
    lost: IntCounterVec,
    commit: HistogramVec,
}

impl Families {
    pub(super) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let by_sink = |name: &str, help: &str| counters(registry, name, help, &["sink"]);
        let oldest = Opts::new(
            "kalends_sink_oldest_undelivered_timestamp_seconds",
            "When the oldest undelivered event was received, Unix time; 0 when there is none.",
        );
        let commit = HistogramOpts::new("kalends_sink_commit_seconds", "Time that a commit took.");
        Ok(Self {
            state: gauges(
                registry,
                "kalends_sink_state",
                "1 for the state that the sink is in, 0 for the others.",
                &["sink", "state"],
            )?,
            lag: gauges(
                registry,
                "kalends_sink_lag_events",
                "Synced journal positions that the sink has not committed. Every webhook counts, be it a repetition or of a type that the sink does not get; a sink passes those with its next commit.",
                &["sink"],
            )?,
            oldest: enter(registry, GaugeVec::new(oldest, &["sink"])?)?,
            delivered: by_sink("kalends_sink_delivered_records_total", "Records committed by the sink.")?,
            refused: by_sink(
                "kalends_sink_refused_records_total",
                "Records that the sink refused for what they are, and that became dead letters.",
            )?,
            failures: counters(
                registry,
                "kalends_sink_failures_total",
                "Failures of the sink, by kind.",
                &["sink", "kind"],
            )?,
            lost: by_sink(
                "kalends_sink_lost_events_total",
                "Events that a sink which is not required lost to a full journal.",
            )?,
            commit: enter(registry, HistogramVec::new(commit.buckets(COMMIT_SECONDS.to_vec()), &["sink"])?)?,
        })
    }

    pub(super) fn metrics(&self, sink: &str) -> SinkMetrics {
        let failure = |kind| (kind, self.failures.with_label_values(&[sink, kind]));
        SinkMetrics {
            states: SinkState::ALL.map(|state| self.state.with_label_values(&[sink, state.as_str()])),
            lag: self.lag.with_label_values(&[sink]),
            oldest: self.oldest.with_label_values(&[sink]),
            delivered: self.delivered.with_label_values(&[sink]),
            refused: self.refused.with_label_values(&[sink]),
            failures: FAILURES.map(failure),
            lost: self.lost.with_label_values(&[sink]),
            commit: self.commit.with_label_values(&[sink]),
        }
    }
}

impl Families {
    /// Removes every series of this sink. One that was never there is no error.
    pub(super) fn forget(&self, sink: &str) {
        for family in [&self.delivered, &self.refused, &self.lost] {
            drop(family.remove_label_values(&[sink]));
        }
        drop(self.lag.remove_label_values(&[sink]));
        drop(self.oldest.remove_label_values(&[sink]));
        drop(self.commit.remove_label_values(&[sink]));
        for state in SinkState::ALL {
            drop(self.state.remove_label_values(&[sink, state.as_str()]));
        }
        for kind in FAILURES {
            drop(self.failures.remove_label_values(&[sink, kind]));
        }
    }
}

/// One sink's metrics, ready to use.
#[derive(Debug, Clone)]
pub(crate) struct SinkMetrics {
    states: [IntGauge; SinkState::ALL.len()],
    lag: IntGauge,
    oldest: Gauge,
    delivered: IntCounter,
    refused: IntCounter,
    failures: [(&'static str, IntCounter); FAILURES.len()],
    lost: IntCounter,
    commit: Histogram,
}

impl SinkMetrics {
    pub(crate) fn state(&self, state: SinkState) {
        for (other, gauge) in SinkState::ALL.iter().zip(&self.states) {
            gauge.set(i64::from(*other == state));
        }
    }

    pub(crate) fn lag(&self, events: u64) {
        self.lag.set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    pub(crate) fn oldest_undelivered(&self, received_at: Option<i64>) {
        let micros = u64::try_from(received_at.unwrap_or(0)).unwrap_or(0);
        self.oldest.set(Duration::from_micros(micros).as_secs_f64());
    }

    pub(crate) fn committed(&self, records: usize, took: Duration) {
        self.delivered.inc_by(u64::try_from(records).unwrap_or(u64::MAX));
        self.commit.observe(took.as_secs_f64());
    }

    pub(crate) fn refused(&self) {
        self.refused.inc();
    }

    pub(crate) fn lost(&self, events: u64) {
        self.lost.inc_by(events);
    }

    pub(crate) fn failed(&self, kind: &str) {
        self.failures.iter().filter(|(name, _)| *name == kind).for_each(|(_, counter)| counter.inc());
    }
}
