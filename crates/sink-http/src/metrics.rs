use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, core::Collector,
};

use crate::compose::Fate;

/// Buckets from 5 ms, a server next door, to a minute, the longest time-out.
const REQUEST_SECONDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 5.0, 20.0, 60.0];

/// The numbers that all HTTP sinks count. Cheap to clone: clones share the numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    requests: IntCounterVec,
    events: IntCounterVec,
    doubts: IntCounterVec,
    changed: IntCounterVec,
    identities: IntGaugeVec,
    pace: GaugeVec,
    request_seconds: HistogramVec,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: counters("requests_total", "Requests sent, by class of answer.", &["sink", "answer"]),
            events: counters(
                "events_total",
                "Events that are done with, by event type and what became of them.",
                &["sink", "type", "outcome"],
            ),
            doubts: counters("doubts_total", "Events that may stand twice at the destination.", &["sink"]),
            changed: counters(
                "changed_total",
                "Events sent again otherwise than before, since the configuration changed in between.",
                &["sink"],
            ),
            identities: IntGaugeVec::new(
                Opts::new("kalends_http_sink_identities", "Subscriptions of which something is remembered."),
                &["sink"],
            )
            .unwrap_or_else(|error| unreachable!("{error}")),
            pace: GaugeVec::new(
                Opts::new(
                    "kalends_http_sink_pace_requests_per_second",
                    "Most requests a second, now; +Inf without a bound.",
                ),
                &["sink"],
            )
            .unwrap_or_else(|error| unreachable!("{error}")),
            request_seconds: HistogramVec::new(
                HistogramOpts::new(
                    "kalends_http_sink_request_seconds",
                    "Time from a request to the end of its answer.",
                )
                .buckets(REQUEST_SECONDS.to_vec()),
                &["sink"],
            )
            .unwrap_or_else(|error| unreachable!("{error}")),
        }
    }
}

impl Metrics {
    /// Registers everything. Every name begins with `kalends_http_sink_`.
    ///
    /// # Errors
    /// One of the names is registered already.
    pub fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let collectors: [Box<dyn Collector>; 7] = [
            Box::new(self.requests.clone()),
            Box::new(self.events.clone()),
            Box::new(self.doubts.clone()),
            Box::new(self.changed.clone()),
            Box::new(self.identities.clone()),
            Box::new(self.pace.clone()),
            Box::new(self.request_seconds.clone()),
        ];
        collectors.into_iter().try_for_each(|collector| registry.register(collector))
    }

    /// The numbers of one sink.
    pub(crate) fn of(&self, sink: &str) -> Numbers {
        // So that they are there from the beginning.
        self.events.with_label_values(&[sink, "Subscribe", Fate::Sent.as_str()]).inc_by(0);
        for answer in ["2xx", "3xx", "4xx", "5xx", "429", "none"] {
            self.requests.with_label_values(&[sink, answer]).inc_by(0);
        }
        Numbers {
            sink: sink.to_owned(),
            requests: self.requests.clone(),
            events: self.events.clone(),
            doubts: self.doubts.with_label_values(&[sink]),
            changed: self.changed.with_label_values(&[sink]),
            identities: self.identities.with_label_values(&[sink]),
            pace: self.pace.with_label_values(&[sink]),
            request_seconds: self.request_seconds.with_label_values(&[sink]),
        }
    }
}

/// The numbers of one sink.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    sink: String,
    requests: IntCounterVec,
    events: IntCounterVec,
    pub(crate) doubts: IntCounter,
    pub(crate) changed: IntCounter,
    pub(crate) identities: IntGauge,
    pub(crate) pace: Gauge,
    pub(crate) request_seconds: Histogram,
}

impl Numbers {
    /// A request was answered so; `None` when it was not.
    pub(crate) fn answered(&self, status: Option<u16>) {
        let class = match status {
            None => "none",
            Some(429) => "429",
            Some(200..=299) => "2xx",
            Some(300..=399) => "3xx",
            Some(400..=499) => "4xx",
            Some(_) => "5xx",
        };
        self.requests.with_label_values(&[&self.sink, class]).inc();
    }

    /// An event is done with.
    pub(crate) fn done(&self, record: &str, fate: Fate) {
        self.events.with_label_values(&[&self.sink, record, fate.as_str()]).inc();
    }

    /// An event can't be sent for what it is.
    pub(crate) fn refused(&self, record: &str) {
        self.events.with_label_values(&[self.sink.as_str(), record, "refused"]).inc();
    }
}

fn counters(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(format!("kalends_http_sink_{name}"), help), labels)
        .unwrap_or_else(|error| unreachable!("{error}"))
}
