use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming};
use kalends_journal::{Appender, Health};

use crate::{
    Metrics, Settings,
    budget::Budget,
    clock,
    refusal::Refusal,
    refusal_log::RefusalLog,
    response,
    routes::Routes,
    webhook::{Receipt, Webhook},
};

/// What all requests share.
pub(crate) struct Service {
    pub(crate) settings: Settings,
    metrics: Metrics,
    routes: Routes,
    budget: Budget,
    appender: Appender,
    stopping: AtomicBool,
    log: RefusalLog,
}

impl Service {
    pub(crate) fn new(settings: Settings, routes: Routes, metrics: Metrics, appender: Appender) -> Self {
        let budget = Budget::new(settings.max_in_flight_bytes, metrics.in_flight_bytes.clone());
        let (stopping, log) = (AtomicBool::new(false), RefusalLog::default());
        Self { settings, metrics, routes, budget, appender, stopping, log }
    }

    /// So many connections are open.
    pub(crate) fn note_connections(&self, open: usize) {
        self.metrics.connections.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    /// Something that is no HTTP has come.
    pub(crate) fn note_malformed(&self) {
        self.metrics.malformed.inc();
    }

    /// From now on nothing new is taken.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Counts a refusal, and tells the operator.
    pub(crate) fn note_refused(&self, refusal: Refusal) {
        self.metrics.refused(refusal);
        self.log.tell(refusal);
    }

    /// Answers one request; its head has just been read.
    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let begun = Instant::now();
        let version = request.version();
        let outcome = self.take(request, clock::now()).await;
        if let Err(refusal) = outcome {
            self.note_refused(refusal);
        }
        self.metrics.took(begun.elapsed());
        Ok(response::answer(outcome, version))
    }

    async fn take(&self, request: Request<Incoming>, received_at: i64) -> Result<(), Refusal> {
        let webhook = Webhook::route(request, received_at, &self.routes)?.authenticate()?;
        webhook.check_head(self.settings.max_body_bytes)?;
        self.check_room()?;
        let receipt =
            webhook.read(self.settings.max_body_bytes, &self.budget, self.settings.body_timeout).await?;
        self.store(receipt).await
    }

    async fn store(&self, receipt: Receipt) -> Result<(), Refusal> {
        let bytes = receipt.len();
        let received_at = receipt.store(&self.appender, self.settings.append_timeout).await?;
        self.metrics.accepted(received_at, bytes);
        Ok(())
    }

    /// Spares the sender a body that can't be stored.
    fn check_room(&self) -> Result<(), Refusal> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(Refusal::Stopping);
        }
        match self.appender.health() {
            Health::Writable => Ok(()),
            Health::Full => Err(Refusal::Full),
            Health::Poisoned => Err(Refusal::Poisoned),
            Health::Closed => Err(Refusal::Closed),
        }
    }
}
