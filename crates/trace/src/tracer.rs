use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

use crate::{Context, Metrics, Settings, Span, SpanContext, exporter::Exporter, lineage};

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
    line: RwLock<Option<Line>>,
}

/// The way to one exporter.
struct Line {
    queue: SyncSender<Span>,
    sample: f64,
    metrics: Metrics,
    exporter: Mutex<Exporter>,
}

impl Tracer {
    /// Whether spans are wanted at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// From now on spans go where `settings` say; `None`: nowhere. What waits is still sent where it was to go.
    ///
    /// # Errors
    /// [`StartError`]; nothing has changed then.
    pub fn replace(&self, settings: Option<(Settings, Metrics)>) -> Result<(), StartError> {
        let line = settings.map(|(settings, metrics)| Line::start(settings, metrics)).transpose()?;
        self.0.on.store(line.is_some(), Ordering::Relaxed);
        *self.0.line.write().unwrap_or_else(PoisonError::into_inner) = line;
        Ok(())
    }

    /// No more spans are taken; those that wait are sent, for at most `patience`.
    pub fn stop(&self, patience: Duration) {
        self.0.on.store(false, Ordering::Relaxed);
        let line = self.0.line.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Line { queue, exporter, .. }) = line {
            drop(queue);
            exporter.into_inner().unwrap_or_else(PoisonError::into_inner).wait(patience);
        }
    }

    /// The span of a request that came with this context. `None` when it isn't wanted: the tracer is off, the sender doesn't
    /// record the trace, or the request has none and is not among the share that begins one.
    #[must_use]
    pub fn request(&self, sender: Option<&str>) -> Option<SpanContext> {
        if !self.is_on() {
            return None;
        }
        match sender.and_then(Context::parse) {
            Some(context) => SpanContext::wanted(context),
            None => self.begin(),
        }
    }

    /// A span of what is done later for the request with this context, if it is wanted.
    #[must_use]
    pub fn follow(&self, traceparent: &str) -> Option<SpanContext> {
        if self.is_on() { Context::parse(traceparent).and_then(SpanContext::wanted) } else { None }
    }

    /// Takes a span that has ended. Never waits.
    pub fn record(&self, span: Span) {
        let line = self.0.line.read().unwrap_or_else(PoisonError::into_inner);
        let Some(line) = &*line else { return };
        match line.queue.try_send(span) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => line.metrics.dropped.no_room.inc(),
        }
    }

    /// Counts spans that were never made because there was no room to remember them.
    pub fn note_dropped(&self, spans: u64) {
        if let Some(line) = &*self.0.line.read().unwrap_or_else(PoisonError::into_inner) {
            line.metrics.dropped.no_room.inc_by(spans);
        }
    }

    fn begin(&self) -> Option<SpanContext> {
        let share = self.0.line.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.sample;
        let is_among = share >= 1.0 || lineage::dice()? < share;
        if is_among { SpanContext::begin() } else { None }
    }
}

impl std::fmt::Debug for Tracer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracer").field("on", &self.is_on()).finish()
    }
}

impl Line {
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
