use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response, Version,
    body::{Body as _, Incoming},
    header::EXPECT,
    http::request::Parts,
};
use kalends_journal::{Appender, Health};

use crate::{
    Metrics, Settings,
    answer::{
        refusal::Refusal,
        refusal_log::RefusalLog,
        request_id::{self, RequestId, RequestIds},
        response,
    },
    clock::Clock,
    limits::memory_budget::MemoryBudget,
    policy::Policy,
    request::{
        body::drain,
        client_address,
        span::RequestSpan,
        webhook::{Authentic, Webhook},
    },
};

/// State that all requests share.
pub(crate) struct Service {
    policy: RwLock<Arc<Policy>>,
    metrics: Metrics,
    budget: MemoryBudget,
    appender: Appender,
    stopping: AtomicBool,
    log: RefusalLog,
    ids: RequestIds,
    clock: Clock,
}

impl Service {
    pub(crate) fn new(policy: Arc<Policy>, metrics: Metrics, appender: Appender) -> Self {
        let budget = MemoryBudget::new(policy.settings.max_in_flight_bytes, metrics.in_flight_bytes.clone());
        let (stopping, log, ids) = (AtomicBool::new(false), RefusalLog::default(), RequestIds::default());
        let (policy, clock) = (RwLock::new(policy), Clock::of_the_machine());
        Self { policy, metrics, budget, appender, stopping, log, ids, clock }
    }

    /// A connection had to go.
    pub(crate) fn note_displaced(&self) {
        self.metrics.displaced.inc();
    }

    /// The policy of now.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From the next request on, `policy` holds.
    pub(crate) fn replace_policy(&self, policy: Arc<Policy>) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = policy;
    }

    /// The same service with another clock.
    #[cfg(feature = "test-util")]
    pub(crate) fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// So many connections are open.
    pub(crate) fn note_connections(&self, open: usize) {
        self.metrics.connections.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    /// A client and this listener could not agree on TLS.
    pub(crate) fn note_tls_failure(&self) {
        self.metrics.tls_failures.inc();
    }

    /// Something that is no HTTP has come.
    pub(crate) fn note_malformed(&self) {
        self.metrics.malformed.inc();
    }

    /// From now on nothing new is taken.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Counts a refusal, and tells the operator; of a connection that was refused before it could ask, there is no request.
    pub(crate) fn note_refused(&self, refusal: Refusal, request: Option<RequestId>) {
        self.metrics.refused(refusal);
        self.log.tell(refusal, request);
    }

    /// Answers one request of `peer`; its head has just been read.
    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: IpAddr,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let started = Instant::now();
        let version = request.version();
        let id = self.ids.next();
        let (head, mut body) = request.into_parts();
        let awaits_continue = head.headers.contains_key(EXPECT);
        let outcome = self.handle(head, &mut body, peer, id, self.clock.now()).await;
        let closes = match outcome {
            Err(refusal) if version < Version::HTTP_2 => {
                response::closes(refusal)
                    || !(body.is_end_stream() || !awaits_continue && drain(&mut body).await)
            }
            _ => false,
        };
        let mut answer = response::answer(outcome, closes);
        if let Err(refusal) = outcome {
            self.note_refused(refusal, Some(id));
            answer.headers_mut().extend(id.value().map(|value| (request_id::HEADER, value)));
        }
        self.metrics.took(started.elapsed());
        Ok(answer)
    }

    async fn handle(
        &self,
        head: Parts,
        body: &mut Incoming,
        peer: IpAddr,
        id: RequestId,
        received_at: i64,
    ) -> Result<(), Refusal> {
        let policy = self.policy();
        let Policy { settings, routes, limits } = &*policy;
        let sender = client_address::of(peer, &head.headers, &settings.trusted_proxies);
        let webhook = Webhook::route(head, body, received_at, routes)
            .and_then(|webhook| webhook.authenticate(sender))
            .map_err(|refusal| limits.unauthorised(sender, refusal))?;
        // Strangers make no spans.
        let mut span = RequestSpan::begin(&settings.tracer, &webhook);
        let outcome = match limits.authentic(sender) {
            Ok(()) => self.receive(webhook, id, settings, span.as_mut()).await,
            Err(refusal) => Err(refusal),
        };
        if let Some(span) = span {
            span.end(outcome);
        }
        outcome
    }

    async fn receive(
        &self,
        webhook: Webhook<'_, Authentic>,
        id: RequestId,
        settings: &Settings,
        span: Option<&mut RequestSpan>,
    ) -> Result<(), Refusal> {
        webhook.check_head(settings.max_body_bytes)?;
        self.check_room()?;
        let endpoint = Arc::clone(webhook.endpoint());
        let context = span.as_ref().map(|span| span.traceparent());
        let receipt =
            webhook.read(context, settings.max_body_bytes, &self.budget, settings.body_timeout).await?;
        let (bytes, received_at) = (receipt.len(), receipt.received_at());
        let started = Instant::now();
        let (now, overdue) = (self.clock.now(), &self.metrics.overdue);
        let position = receipt.store(now, &self.appender, settings.append_timeout, overdue).await?;
        self.metrics.accepted(received_at, bytes);
        tracing::debug!(request_id = %id, endpoint = endpoint.name, position, bytes, "webhook stored");
        if let Some(span) = span {
            span.stored(position, started);
        }
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
