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

use crate::seats::Seat;

/// Which requests of a connection are being answered.
#[derive(Debug)]
pub(crate) struct Occupancy {
    seat: Seat,
    begun: AtomicU64,
    ended: AtomicU64,
    /// Something of an answer waits for the client to read.
    stalled: AtomicBool,
}

/// One request that is being answered, until dropped.
#[derive(Debug)]
pub(crate) struct Running(Arc<Occupancy>);

impl Occupancy {
    pub(crate) fn new(seat: Seat) -> Self {
        Self { seat, begun: AtomicU64::new(0), ended: AtomicU64::new(0), stalled: AtomicBool::new(false) }
    }

    pub(crate) fn seat(&self) -> &Seat {
        &self.seat
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Running {
        self.seat.begin();
        self.begun.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(self))
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
            let begun = self.begun.load(Ordering::Relaxed);
            let still = begun == seen && self.ended.load(Ordering::Relaxed) == seen;
            if still && begun > 0 && !self.stalled.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
        self.0.seat.end();
    }
}

/// How long a connection may go without a complete request.
///
/// It ends `header_timeout` after a head's first byte, and `idle_timeout` after the last request when none begins. While a
/// request is being answered it never ends: bodies and appends have time-outs of their own.
#[derive(Debug)]
pub(crate) struct Patience {
    header_timeout: Duration,
    idle_timeout: Duration,
    occupancy: Arc<Occupancy>,
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
    /// The end of a head that has begun.
    RestOfHead,
    /// Any request: on HTTP/2 bytes between two requests don't begin a head.
    Request,
}

impl Patience {
    /// Patience with a connection that was accepted now.
    pub(crate) fn new(header_timeout: Duration, idle_timeout: Duration, occupancy: Arc<Occupancy>) -> Self {
        let sleep = Box::pin(sleep_until(Instant::now() + header_timeout));
        Self { header_timeout, idle_timeout, occupancy, since: 0, waits_for: Wait::RestOfHead, sleep }
    }

    /// The connection speaks HTTP/2.
    pub(crate) fn with_http2(&mut self) {
        self.waits_for = Wait::Request;
    }

    /// Says whether something of an answer waits for the client to read.
    pub(crate) fn set_stalled(&self, stalled: bool) {
        self.occupancy.set_stalled(stalled);
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
        let ended = self.occupancy.ended.load(Ordering::Relaxed);
        if ended != self.since {
            self.since = ended;
            if self.waits_for == Wait::RestOfHead {
                self.waits_for = Wait::Head;
            }
            self.sleep.as_mut().reset(Instant::now() + self.idle_timeout);
        }
        self.occupancy.begun.load(Ordering::Relaxed) != ended
    }
}
