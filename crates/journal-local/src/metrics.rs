use prometheus::{Histogram, HistogramOpts, IntCounter, IntGauge, Registry, core::Collector};

use kalends_journal::Usage;

use crate::storage::to_u64;

/// From 50 µs, a fast disk, to 3 s, a disk in distress.
const SYNC_SECONDS: [f64; 16] = [
    0.000_05, 0.000_1, 0.000_2, 0.000_4, 0.000_8, 0.001_6, 0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.5,
    1.0, 3.0,
];
const GROUP_FRAMES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 1024.0];

/// What a journal counts. Cheap to clone: clones share the numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) sync_seconds: Histogram,
    pub(crate) group_frames: Histogram,
    pub(crate) appended_frames: IntCounter,
    pub(crate) appended_bytes: IntCounter,
    pub(crate) evicted_frames: IntCounter,
    pub(crate) evicted_unread_frames: IntCounter,
    pub(crate) bytes: IntGauge,
    pub(crate) max_bytes: IntGauge,
    pub(crate) segments: IntGauge,
    pub(crate) first_position: IntGauge,
    pub(crate) last_position: IntGauge,
    pub(crate) full: IntGauge,
    pub(crate) poisoned: IntGauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            sync_seconds: histogram("sync_seconds", "Time that one sync of the journal took.", &SYNC_SECONDS),
            group_frames: histogram(
                "group_frames",
                "Frames that one sync made durable together.",
                &GROUP_FRAMES,
            ),
            appended_frames: counter("appended_frames_total", "Frames made durable."),
            appended_bytes: counter("appended_bytes_total", "Bytes of payloads made durable."),
            evicted_frames: counter(
                "evicted_frames_total",
                "Frames removed before their age because the journal had reached its largest size or its disk was full.",
            ),
            evicted_unread_frames: counter(
                "evicted_unread_frames_total",
                "Evicted frames that a sink which is not required had not delivered.",
            ),
            bytes: gauge("bytes", "Bytes of all segments of the journal."),
            max_bytes: gauge("max_bytes", "Most bytes that all segments of the journal may take."),
            segments: gauge("segments", "Segments of the journal."),
            first_position: gauge("first_position", "Smallest position that can be read."),
            last_position: gauge("last_position", "Last synced position."),
            full: gauge("full", "1 while appends are refused because disk or journal are full, else 0."),
            poisoned: gauge("poisoned", "1 after a failed sync, else 0."),
        }
    }
}

impl Metrics {
    /// Shows how full the journal is.
    pub(crate) fn show(&self, usage: &Usage) {
        self.bytes.set(gauge_value(usage.bytes));
        self.max_bytes.set(gauge_value(usage.max_bytes));
        self.segments.set(gauge_value(to_u64(usage.segments)));
        self.first_position.set(gauge_value(usage.first));
        self.last_position.set(gauge_value(usage.last));
    }

    /// Registers everything. Every name begins with `kalends_journal_`.
    ///
    /// # Errors
    /// When one of the names is registered already.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let histograms = [&self.sync_seconds, &self.group_frames].map(boxed);
        let counters =
            [&self.appended_frames, &self.appended_bytes, &self.evicted_frames, &self.evicted_unread_frames]
                .map(boxed);
        let sizes = [&self.bytes, &self.max_bytes, &self.segments].map(boxed);
        let states = [&self.first_position, &self.last_position, &self.full, &self.poisoned].map(boxed);
        let collectors = histograms.into_iter().chain(counters).chain(sizes).chain(states);
        collectors.into_iter().try_for_each(|collector| registry.register(collector))
    }
}

fn boxed<C: Collector + Clone + 'static>(collector: &C) -> Box<dyn Collector> {
    Box::new(collector.clone())
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn histogram(name: &str, help: &str, buckets: &[f64]) -> Histogram {
    let options = HistogramOpts::new(format!("kalends_journal_{name}"), help).buckets(buckets.to_vec());
    Histogram::with_opts(options).expect("a valid name and rising buckets")
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn counter(name: &str, help: &str) -> IntCounter {
    IntCounter::new(format!("kalends_journal_{name}"), help).expect("a valid name")
}

#[expect(clippy::expect_used, reason = "names are literals, and a test makes every metric")]
fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(format!("kalends_journal_{name}"), help).expect("a valid name")
}

/// A gauge's value; what doesn't fit is shown as the largest that does.
fn gauge_value(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_registers_under_one_prefix_and_once() {
        let registry = Registry::new();
        let metrics = Metrics::default();
        metrics.register(&registry).unwrap();
        assert_eq!(registry.gather().len(), 13);
        assert!(registry.gather().iter().all(|family| family.name().starts_with("kalends_journal_")));
        assert!(metrics.register(&registry).is_err());
    }
}
