use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::connections::registry::Registration;

/// Which requests of a connection are being answered.
#[derive(Debug)]
pub(crate) struct InFlight {
    registration: Registration,
    started: AtomicU64,
    ended: AtomicU64,
    /// Something of an answer waits for the client to read.
    stalled: AtomicBool,
}

/// One request that is being answered, until dropped.
#[derive(Debug)]
pub(crate) struct RunningRequest(Arc<InFlight>);

impl InFlight {
    pub(crate) fn new(registration: Registration) -> Self {
        Self {
            registration,
            started: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
        }
    }

    pub(crate) fn registration(&self) -> &Registration {
        &self.registration
    }

    pub(crate) fn enter(self: &Arc<Self>) -> RunningRequest {
        self.registration.begin();
        self.started.fetch_add(1, Ordering::Relaxed);
        RunningRequest(Arc::clone(self))
    }

    /// Says whether something of an answer waits for the client to read.
    pub(crate) fn set_stalled(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    /// Ready when no request was answered for `rest`, and none is.
    pub(crate) async fn idle(&self, rest: Duration) {
        loop {
            let seen = self.ended.load(Ordering::Relaxed);
            tokio::time::sleep(rest).await;
            let started = self.started.load(Ordering::Relaxed);
            let still = started == seen && self.ended.load(Ordering::Relaxed) == seen;
            if still && started > 0 && !self.stalled.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
        self.0.registration.end();
    }
}

/// How long a connection may go without a complete request.
///
/// It ends `header_timeout` after a head's first byte, and `idle_timeout` after the last request when none begins. While a
/// request is being answered it never ends: bodies and appends have time-outs of their own.
#[derive(Debug)]
pub(crate) struct IdleTimer {
    header_timeout: Duration,
    idle_timeout: Duration,
    in_flight: Arc<InFlight>,
    /// The requests that had ended when the sleep was set.
    since: u64,
    waits_for: Wait,
    sleep: Pin<Box<Sleep>>,
}

/// What a connection without a request waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The first byte of a head.
    Head,
    /// The end of a head that has started.
    RestOfHead,
    /// Any request: on HTTP/2 bytes between two requests don't begin a head.
    Request,
}

impl IdleTimer {
    /// A timer for a connection that was accepted now.
    pub(crate) fn new(header_timeout: Duration, idle_timeout: Duration, in_flight: Arc<InFlight>) -> Self {
        let sleep = Box::pin(sleep_until(Instant::now() + header_timeout));
        Self { header_timeout, idle_timeout, in_flight, since: 0, waits_for: Wait::RestOfHead, sleep }
    }

    /// The connection speaks HTTP/2.
    pub(crate) fn with_http2(&mut self) {
        self.waits_for = Wait::Request;
    }

    /// Says whether something of an answer waits for the client to read.
    pub(crate) fn set_stalled(&self, stalled: bool) {
        self.in_flight.set_stalled(stalled);
    }

    /// What it waited for when it ended.
    pub(crate) const fn waits_for(&self) -> Wait {
        self.waits_for
    }

    /// Bytes have arrived.
    pub(crate) fn bytes_arrived(&mut self) {
        if !self.is_busy() && self.waits_for == Wait::Head {
            self.waits_for = Wait::RestOfHead;
            self.sleep.as_mut().reset(Instant::now() + self.header_timeout);
        }
    }

    /// Ready when it has ended.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_busy() { Poll::Pending } else { self.sleep.as_mut().poll(context) }
    }

    fn is_busy(&mut self) -> bool {
        let ended = self.in_flight.ended.load(Ordering::Relaxed);
        if ended != self.since {
            self.since = ended;
            if self.waits_for == Wait::RestOfHead {
                self.waits_for = Wait::Head;
            }
            self.sleep.as_mut().reset(Instant::now() + self.idle_timeout);
        }
        self.in_flight.started.load(Ordering::Relaxed) != ended
    }
}
