use std::time::Duration;

use kalends_journal::ShardLog;
use kalends_settings::Settings;
use kalends_trace::{Metrics, Tracer};
use prometheus::Registry;

use super::Error;

/// Longest time that the last spans get to be sent when the daemon stops; no event waits for it.
const LAST: Duration = Duration::from_secs(2);

/// Where the spans of requests and deliveries go.
#[derive(Clone)]
pub(crate) struct Traces {
    tracer: Tracer,
    metrics: Metrics,
    /// What tells this daemon from others: its journal.
    instance: String,
}

/// A change of where spans go, made and not yet in effect.
pub(crate) struct Made(Option<kalends_trace::Settings>);

impl Traces {
    pub(crate) fn start(settings: &Settings, registry: &Registry, log: &dyn ShardLog) -> Result<Self, Error> {
        let instance = log.id().to_string();
        let traces = Self { tracer: Tracer::default(), metrics: Metrics::register(registry)?, instance };
        traces.apply(traces.make(settings)?)?;
        Ok(traces)
    }

    pub(crate) fn tracer(&self) -> Tracer {
        self.tracer.clone()
    }

    pub(crate) fn make(&self, settings: &Settings) -> Result<Made, Error> {
        let otlp = settings.telemetry.otlp.as_ref();
        let made = otlp.map(|otlp| otlp.exporter(&self.instance)).transpose();
        made.map(Made).map_err(|fault| Error::Telemetry { key: fault.key, message: fault.message })
    }

    pub(crate) fn apply(&self, Made(settings): Made) -> Result<(), Error> {
        let settings = settings.map(|settings| (settings, self.metrics.clone()));
        self.tracer.replace(settings).map_err(Error::Traces)
    }

    /// Sends what waits, for a short time.
    pub(crate) async fn stop(self) {
        let stopped = tokio::task::spawn_blocking(move || self.tracer.stop(LAST)).await;
        if let Err(error) = stopped {
            tracing::debug!(%error, "the exporter of traces had ended already");
        }
    }
}
