mod scanner;
mod sink;

pub(crate) use scanner::ScannerMetrics;
pub(crate) use sink::SinkMetrics;

use kalends_normalise::Plan;
use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry, core::Collector};

/// What delivery counts. Every value of every label is known beforehand.
#[derive(Debug, Clone)]
pub struct Metrics {
    scanner: scanner::Families,
    sinks: sink::Families,
}

impl Metrics {
    /// Makes all metrics of delivery and registers them.
    ///
    /// # Errors
    /// When `registry` has a metric of one of these names already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            scanner: scanner::Families::register(registry)?,
            sinks: sink::Families::register(registry)?,
        })
    }

    /// Shows a sink no longer, which is gone from the configuration.
    pub fn forget(&self, sink: &str) {
        self.sinks.forget(sink);
    }

    pub(crate) fn scanner(&self, plan: &Plan) -> ScannerMetrics {
        self.scanner.metrics(plan)
    }

    pub(crate) fn sink(&self, sink: &str) -> SinkMetrics {
        self.sinks.metrics(sink)
    }
}

fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, prometheus::Error> {
    enter(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
}

fn gauges(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntGaugeVec, prometheus::Error> {
    enter(registry, IntGaugeVec::new(Opts::new(name, help), labels)?)
}

fn enter<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}
