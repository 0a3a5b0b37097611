use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

use crate::{Metrics, Settings, Span, SpanContext, TraceContext, exporter::Exporter, span_context};

/// The exporter's thread can't be started.
#[derive(Debug, thiserror::Error)]
#[error("the thread that exports traces can't be started: {source}")]
pub struct StartError {
    source: std::io::Error,
}

/// Takes spans and never makes anybody wait. Off until [`Tracer::replace`] says otherwise. Clones are the same tracer.
#[derive(Clone, Default)]
pub struct Tracer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    on: AtomicBool,
    pipeline: RwLock<Option<ExportPipeline>>,
}

/// The way to one exporter.
struct ExportPipeline {
    queue: SyncSender<Span>,
    sample: f64,
    metrics: Metrics,
    exporter: Mutex<Exporter>,
}

impl Tracer {
    /// Returns whether spans are wanted at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// From now on spans go where `settings` say; `None`: nowhere. What waits is still sent where it was to go.
    ///
    /// # Errors
    /// [`StartError`]; nothing has changed then.
    pub fn replace(&self, settings: Option<(Settings, Metrics)>) -> Result<(), StartError> {
        let pipeline =
            settings.map(|(settings, metrics)| ExportPipeline::start(settings, metrics)).transpose()?;
        self.0.on.store(pipeline.is_some(), Ordering::Relaxed);
        *self.0.pipeline.write().unwrap_or_else(PoisonError::into_inner) = pipeline;
        Ok(())
    }

    /// No more spans are taken; those that wait are sent, for at most `timeout`.
    pub fn stop(&self, timeout: Duration) {
        self.0.on.store(false, Ordering::Relaxed);
        let pipeline = self.0.pipeline.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(ExportPipeline { queue, exporter, .. }) = pipeline {
            drop(queue);
            exporter.into_inner().unwrap_or_else(PoisonError::into_inner).wait(timeout);
        }
    }

    /// The span of a request that came with this context. `None` when it isn't wanted: the tracer is off, the sender doesn't
    /// record the trace, or the request has none and is not among the share that begins one.
    #[must_use]
    pub fn request(&self, sender: Option<&str>) -> Option<SpanContext> {
        if !self.is_on() {
            return None;
        }
        match sender.and_then(TraceContext::parse) {
            Some(context) => SpanContext::wanted(context),
            None => self.begin(),
        }
    }

    /// A span of what is done later for the request with this context, if it is wanted.
    #[must_use]
    pub fn follow(&self, traceparent: &str) -> Option<SpanContext> {
        if self.is_on() { TraceContext::parse(traceparent).and_then(SpanContext::wanted) } else { None }
    }

    /// Takes a span that has ended. Never waits.
    pub fn record(&self, span: Span) {
        let pipeline = self.0.pipeline.read().unwrap_or_else(PoisonError::into_inner);
        let Some(pipeline) = &*pipeline else { return };
        match pipeline.queue.try_send(span) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                pipeline.metrics.dropped.no_room.inc();
            }
        }
    }

    /// Counts spans that were never made because there was no room to remember them.
    pub fn note_dropped(&self, spans: u64) {
        if let Some(pipeline) = &*self.0.pipeline.read().unwrap_or_else(PoisonError::into_inner) {
            pipeline.metrics.dropped.no_room.inc_by(spans);
        }
    }

    fn begin(&self) -> Option<SpanContext> {
        let share = self.0.pipeline.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.sample;
        let is_among = share >= 1.0 || span_context::dice()? < share;
        if is_among { SpanContext::begin() } else { None }
    }
}

impl std::fmt::Debug for Tracer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracer").field("on", &self.is_on()).finish()
    }
}

impl ExportPipeline {
    fn start(settings: Settings, metrics: Metrics) -> Result<Self, StartError> {
        let (queue, spans) = sync_channel(settings.queue);
        let sample = settings.sample;
        let exporter =
            Exporter::start(settings, metrics.clone(), spans).map_err(|source| StartError { source })?;
        Ok(Self { queue, sample, metrics, exporter: Mutex::new(exporter) })
    }
}

#[cfg(test)]
mod tests;
