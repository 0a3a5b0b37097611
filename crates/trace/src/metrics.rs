use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

/// Counts of spans, by their outcome. Cheap to clone: clones share the numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) exported: IntCounter,
    pub(crate) dropped: Dropped,
    pub(crate) exports: Exports,
}

/// Spans that nobody will see, by why.
#[derive(Debug, Clone)]
pub(crate) struct Dropped {
    pub(crate) no_room: IntCounter,
    pub(crate) refused: IntCounter,
    pub(crate) unsent: IntCounter,
}

/// Requests, by what came of them.
#[derive(Debug, Clone)]
pub(crate) struct Exports {
    pub(crate) answered: IntCounter,
    pub(crate) refused: IntCounter,
    pub(crate) failed: IntCounter,
}

impl Metrics {
    /// Makes all metrics of traces and registers them.
    ///
    /// # Errors
    /// When `registry` has a metric of one of these names already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let exported =
            IntCounter::new("kalends_trace_spans_exported_total", "Spans that the endpoint took.")?;
        let dropped = IntCounterVec::new(
            Opts::new(
                "kalends_trace_spans_dropped_total",
                "Spans that are lost: no room in the queue, refused by the endpoint, or unsent at the end.",
            ),
            &["reason"],
        )?;
        let exports = IntCounterVec::new(
            Opts::new("kalends_trace_exports_total", "Requests to the endpoint of traces, by outcome."),
            &["outcome"],
        )?;
        registry.register(Box::new(exported.clone()))?;
        registry.register(Box::new(dropped.clone()))?;
        registry.register(Box::new(exports.clone()))?;
        Ok(Self {
            exported,
            dropped: Dropped {
                no_room: dropped.with_label_values(&["no-room"]),
                refused: dropped.with_label_values(&["refused"]),
                unsent: dropped.with_label_values(&["unsent"]),
            },
            exports: Exports {
                answered: exports.with_label_values(&["answered"]),
                refused: exports.with_label_values(&["refused"]),
                failed: exports.with_label_values(&["failed"]),
            },
        })
    }
}
