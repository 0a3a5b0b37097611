use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kalends_sink::Failure;

use crate::{clock::Clock, metrics::SinkMetrics, state::SinkState};

/// A sink's state as others see it; changes are logged once, here.
#[derive(Debug)]
pub(crate) struct Condition {
    sink: String,
    clock: Clock,
    metrics: SinkMetrics,
    now: Mutex<Now>,
}

/// A moment's state.
#[derive(Debug, Clone)]
pub(crate) struct Now {
    pub(crate) state: SinkState,
    pub(crate) since: i64,
    pub(crate) last_error: Option<String>,
    pub(crate) last_error_at: Option<i64>,
}

impl Condition {
    pub(crate) fn new(sink: String, clock: Clock, metrics: SinkMetrics) -> Self {
        let since = clock.now();
        metrics.state(SinkState::Connecting);
        let now = Now { state: SinkState::Connecting, since, last_error: None, last_error_at: None };
        Self { sink, clock, metrics, now: Mutex::new(now) }
    }

    pub(crate) fn sink(&self) -> &str {
        &self.sink
    }

    pub(crate) fn now(&self) -> Now {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn running(&self) {
        if self.change(SinkState::Running, None) {
            tracing::info!(sink = self.sink, "delivering");
        }
    }

    pub(crate) fn stopped(&self) {
        self.change(SinkState::Stopped, None);
        tracing::info!(sink = self.sink, "stopped");
    }

    /// The loop failed and tries again in `wait`.
    pub(crate) fn failed(&self, failure: &Failure, wait: Duration) {
        let retry_in_ms = wait.as_millis();
        let message = failure.to_string();
        let (state, kind) = match failure {
            Failure::Hold { .. } => (SinkState::Hold, "hold"),
            Failure::Retry { .. } => (SinkState::Retry, "retry"),
            Failure::Data { .. } => (SinkState::Retry, "data"),
        };
        self.metrics.failed(kind);
        let sink = self.sink.as_str();
        if !self.change(state, Some(message.clone())) {
            tracing::debug!(sink, error = message, retry_in_ms, "still failing");
            return;
        }
        match failure {
            Failure::Hold { .. } => {
                tracing::error!(sink, error = message, retry_in_ms, "holding: somebody has to act");
            }
            Failure::Retry { .. } => {
                tracing::warn!(sink, error = message, retry_in_ms, "failed, trying again");
            }
            Failure::Data { .. } => {
                tracing::warn!(sink, error = message, "refused: it becomes a dead letter");
            }
        }
    }

    /// Returns whether that is news: another state, or another error.
    fn change(&self, state: SinkState, error: Option<String>) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let news = now.state != state || (error.is_some() && now.last_error != error);
        let at = self.clock.now();
        if now.state != state {
            now.since = at;
        }
        now.state = state;
        if error.is_some() {
            now.last_error = error;
            now.last_error_at = Some(at);
        }
        drop(now);
        self.metrics.state(state);
        news
    }
}
