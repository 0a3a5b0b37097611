use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::connections::state::{ConnectionState, Progress};

/// Longest time of a connection without a complete request.
///
/// It ends `header_timeout` after a head's first byte, and `idle_timeout` after the last request when none begins. While a
/// request is being answered it never ends: bodies and appends have time-outs of their own.
#[derive(Debug)]
pub(crate) struct IdleTimer {
    header_timeout: Duration,
    idle_timeout: Duration,
    state: Arc<ConnectionState>,
    /// The requests that had ended when the sleep was set.
    answered: u64,
    waits_for: Wait,
    sleep: Pin<Box<Sleep>>,
}

/// The event that a connection without a request waits for.
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
    pub(crate) fn new(header_timeout: Duration, idle_timeout: Duration, state: Arc<ConnectionState>) -> Self {
        let sleep = Box::pin(sleep_until(Instant::now() + header_timeout));
        Self { header_timeout, idle_timeout, state, answered: 0, waits_for: Wait::RestOfHead, sleep }
    }

    /// The connection speaks HTTP/2.
    pub(crate) fn with_http2(&mut self) {
        self.waits_for = Wait::Request;
    }

    /// Says whether something of an answer waits for the client to read.
    pub(crate) fn set_stalled(&self, stalled: bool) {
        self.state.set_stalled(stalled);
    }

    /// The event that it waited for when it ended.
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
        let Progress { answered, is_busy } = self.state.progress();
        if answered != self.answered {
            self.answered = answered;
            if self.waits_for == Wait::RestOfHead {
                self.waits_for = Wait::Head;
            }
            self.sleep.as_mut().reset(Instant::now() + self.idle_timeout);
        }
        is_busy
    }
}
