use std::time::Duration;

use hyper::StatusCode;
use prometheus::{
    Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    core::{Collector, GenericCounterVec},
};

use crate::{
    answer::{refusal::Refusal, response},
    limits::overdue::Overdue,
};

/// Metrics of the public listener. Cheap to clone: clones share the numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) connections: IntGauge,
    pub(crate) displaced: IntCounter,
    pub(crate) in_flight_bytes: IntGauge,
    pub(crate) malformed: IntCounter,
    pub(crate) tls_failures: IntCounter,
    pub(crate) overdue: Overdue,
    requests: IntCounterVec,
    refusals: IntCounterVec,
    seconds: Histogram,
    body_bytes: IntCounter,
    last_accepted: Gauge,
}

/// Counts of requests since the start, by their outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Webhooks that are durable.
    pub accepted: u64,
    /// Receive time of the newest of them, since the Unix epoch; `None` before the first.
    pub last_accepted: Option<Duration>,
    /// Requests refused, by reason; a reason that never occurred is left out.
    pub refused: Vec<(&'static str, u64)>,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            connections: valid(IntGauge::new("kalends_http_connections", "ConnectionPool connections.")),
            displaced: valid(IntCounter::new(
                "kalends_http_displaced_total",
                "Connections closed to make room for others: those without a request for the longest time.",
            )),
            in_flight_bytes: valid(IntGauge::new(
                "kalends_http_in_flight_bytes",
                "Memory reserved for bodies that are being received or wait for the disk.",
            )),
            malformed: valid(IntCounter::new(
                "kalends_http_malformed_total",
                "Connections closed over bytes that are no HTTP or a head that is too large (answered 400 or 431).",
            )),
            tls_failures: valid(IntCounter::new(
                "kalends_http_tls_failures_total",
                "Connections closed because client and listener could not agree on TLS.",
            )),
            overdue: Overdue::default(),
            requests: vector("kalends_http_requests_total", "Requests answered, by status code.", "code"),
            refusals: vector("kalends_http_refusals_total", "Requests refused, by reason.", "reason"),
            seconds: valid(Histogram::with_opts(
                HistogramOpts::new(
                    "kalends_http_request_seconds",
                    "From the end of a request's head to its answer, for every request.",
                )
                .buckets(vec![
                    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
                ]),
            )),
            body_bytes: valid(IntCounter::new(
                "kalends_ingress_accepted_bytes_total",
                "Bytes of all receipts that are durable.",
            )),
            last_accepted: valid(Gauge::new(
                "kalends_ingress_last_accepted_timestamp_seconds",
                "When the newest webhook that is durable was received; 0 before the first since the start.",
            )),
        };
        metrics.requests.with_label_values(&[StatusCode::OK.as_str()]);
        for refusal in Refusal::ALL {
            metrics.requests.with_label_values(&[response::status(refusal).as_str()]);
            metrics.refusals.with_label_values(&[refusal.reason()]);
        }
        metrics
    }
}

impl Metrics {
    /// Adds everything to `registry`.
    ///
    /// # Errors
    /// When one of the names is already registered.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let all: [Box<dyn Collector>; 10] = [
            Box::new(self.connections.clone()),
            Box::new(self.displaced.clone()),
            Box::new(self.in_flight_bytes.clone()),
            Box::new(self.malformed.clone()),
            Box::new(self.tls_failures.clone()),
            Box::new(self.requests.clone()),
            Box::new(self.refusals.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.body_bytes.clone()),
            Box::new(self.last_accepted.clone()),
        ];
        all.into_iter().try_for_each(|collector| registry.register(collector))
    }

    /// Webhooks that the journal was given, and that it neither stored nor refused within [`Settings::append_timeout`]: with
    /// one of them, no other is stored either.
    ///
    /// [`Settings::append_timeout`]: crate::Settings::append_timeout
    #[must_use]
    pub fn overdue_appends(&self) -> usize {
        self.overdue.count()
    }

    /// Counts of requests so far, by their outcome.
    #[must_use]
    pub fn answers(&self) -> Answers {
        let refused = |refusal: Refusal| {
            let count = self.refusals.with_label_values(&[refusal.reason()]).get();
            (count > 0).then_some((refusal.reason(), count))
        };
        let last = Duration::try_from_secs_f64(self.last_accepted.get()).ok().map(to_micros);
        Answers {
            accepted: self.requests.with_label_values(&[StatusCode::OK.as_str()]).get(),
            last_accepted: last.filter(|time| !time.is_zero()),
            refused: Refusal::ALL.into_iter().filter_map(refused).collect(),
        }
    }

    pub(crate) fn accepted(&self, received_at: i64, bytes: usize) {
        self.requests.with_label_values(&[StatusCode::OK.as_str()]).inc();
        self.body_bytes.inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.last_accepted.set(Duration::from_micros(u64::try_from(received_at).unwrap_or(0)).as_secs_f64());
    }

    pub(crate) fn refused(&self, refusal: Refusal) {
        self.requests.with_label_values(&[response::status(refusal).as_str()]).inc();
        self.refusals.with_label_values(&[refusal.reason()]).inc();
    }

    pub(crate) fn took(&self, time: Duration) {
        self.seconds.observe(time.as_secs_f64());
    }
}

/// To the nearest microsecond: the gauge holds seconds as a floating-point number, which is a little more or less than
/// what it was set to.
fn to_micros(time: Duration) -> Duration {
    let micros = time.saturating_add(Duration::from_nanos(500)).as_micros();
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

fn vector<P: prometheus::core::Atomic>(name: &str, help: &str, label: &str) -> GenericCounterVec<P> {
    valid(GenericCounterVec::new(Opts::new(name, help), &[label]))
}

#[expect(
    clippy::expect_used,
    reason = "names and labels are constants of this file, and a test makes them all"
)]
fn valid<T>(made: Result<T, prometheus::Error>) -> T {
    made.expect("metric names, labels and buckets are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_metrics_register_once() {
        let registry = Registry::new();
        let metrics = Metrics::default();
        metrics.register(&registry).unwrap();
        assert_eq!(registry.gather().len(), 10);
        assert!(metrics.register(&registry).is_err());
    }

    #[test]
    fn the_newest_is_told_to_the_very_microsecond() {
        let metrics = Metrics::default();
        for micros in (1_767_225_600_000_000..).step_by(1_000_003).take(1000) {
            metrics.accepted(micros, 1);
            assert_eq!(metrics.answers().last_accepted, Some(Duration::from_micros(micros.unsigned_abs())));
        }
    }

    #[test]
    fn answers_tell_what_was_accepted_and_why_the_rest_was_not() {
        let metrics = Metrics::default();
        assert_eq!(metrics.answers(), Answers { accepted: 0, last_accepted: None, refused: vec![] });
        metrics.accepted(1_500_000, 10);
        metrics.refused(Refusal::Rate { seconds: 9 });
        metrics.refused(Refusal::Credential);
        metrics.refused(Refusal::Credential);
        assert_eq!(
            metrics.answers(),
            Answers {
                accepted: 1,
                last_accepted: Some(Duration::from_millis(1500)),
                refused: vec![("credential", 2), ("rate", 1)],
            }
        );
    }
}
