use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Metrics, Settings, Span, otlp,
    transport::{Outcome, Transport},
};

/// Most spans of one request.
const MAX_BATCH_SPANS: usize = 512;
/// Longest wait of a span for others to go with.
const BATCH_TIMEOUT: Duration = Duration::from_secs(1);
/// First wait after a failure; each further one is twice as long.
const FIRST_RETRY_DELAY: Duration = Duration::from_millis(500);
/// Longest wait between two tries.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(30);

/// The thread that sends spans, seen from outside. It ends when its queue has no sender any more.
pub(crate) struct Exporter {
    /// Never sent on: that it is gone tells the thread to try no longer.
    wanted: SyncSender<()>,
    /// Says that the thread has ended, by being closed.
    ended: Receiver<()>,
}

impl Exporter {
    pub(crate) fn start(settings: Settings, metrics: Metrics, spans: Receiver<Span>) -> io::Result<Self> {
        let (wanted, unwanted) = sync_channel(0);
        let (alive, ended) = sync_channel(0);
        let work = move || {
            let transport = Transport::new(&settings);
            let mut export =
                Export { transport, metrics, unwanted, resource: settings.resource, is_failing: false };
            export.run(&spans);
            drop(alive);
        };
        thread::Builder::new().name("traces".to_owned()).spawn(work)?;
        Ok(Self { wanted, ended })
    }

    /// Waits until everything is sent or given up. Its queue has no sender any more.
    pub(crate) fn wait(self, timeout: Duration) {
        let Self { wanted, ended } = self;
        // From here on a failure is final.
        drop(wanted);
        if ended.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the endpoint of traces did not answer in time; the last spans are lost");
        }
    }
}

struct Export {
    transport: Transport,
    metrics: Metrics,
    resource: Vec<(String, String)>,
    unwanted: Receiver<()>,
    /// The last request failed, and that was told.
    is_failing: bool,
}

impl Export {
    fn run(&mut self, spans: &Receiver<Span>) {
        while let Ok(first) = spans.recv() {
            self.send(&batch(first, spans));
        }
    }

    /// Sends these spans until they are taken or refused, or nobody wants to wait any longer.
    fn send(&mut self, spans: &[Span]) {
        let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        let request = otlp::encode(&self.resource, spans);
        let mut wait = FIRST_RETRY_DELAY;
        loop {
            match self.transport.send(&request) {
                Outcome::Taken { rejected } => {
                    let rejected = rejected.min(count);
                    self.metrics.exports.answered.inc();
                    self.metrics.exported.inc_by(count - rejected);
                    self.metrics.dropped.refused.inc_by(rejected);
                    return self.tell_success();
                }
                Outcome::Refused { reason } => {
                    self.metrics.exports.refused.inc();
                    self.metrics.dropped.refused.inc_by(count);
                    return self.tell_failure(&reason);
                }
                Outcome::Failed { reason } => {
                    self.metrics.exports.failed.inc();
                    self.tell_failure(&reason);
                }
            }
            if self.unwanted.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                self.metrics.dropped.unsent.inc_by(count);
                return;
            }
            wait = (wait * 2).min(MAX_RETRY_DELAY);
        }
    }

    fn tell_failure(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.is_failing, true) {
            let endpoint = self.transport.url();
            tracing::warn!(endpoint, reason, "traces can't be exported; no event waits for them");
        }
    }

    fn tell_success(&mut self) {
        if std::mem::replace(&mut self.is_failing, false) {
            tracing::info!(endpoint = self.transport.url(), "traces are exported again");
        }
    }
}

/// The span and what comes right behind it.
fn batch(first: Span, spans: &Receiver<Span>) -> Vec<Span> {
    let mut batch = vec![first];
    let until = Instant::now() + BATCH_TIMEOUT;
    while batch.len() < MAX_BATCH_SPANS {
        match spans.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(span) => batch.push(span),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    batch
}
