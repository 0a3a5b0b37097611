use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kalends_sink::{Failure, InstallationOptions, name_sink};

use crate::{metrics::SinkMetrics, runtime::clock::Clock, state::SinkState};

/// A sink's state as others see it; changes are logged once, here.
#[derive(Debug)]
pub(crate) struct SinkHealth {
    sink: String,
    /// The configuration's file, for commands in messages.
    configuration: Option<InstallationOptions>,
    clock: Clock,
    metrics: SinkMetrics,
    now: Mutex<Snapshot>,
    /// Errors that were told since it last delivered, the newest last.
    told: Mutex<Vec<String>>,
}

/// Most errors of one outage that are remembered as told.
const MAX_TOLD: usize = 8;

/// A moment's state.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) state: SinkState,
    pub(crate) since: i64,
    pub(crate) last_error: Option<String>,
    pub(crate) last_error_at: Option<i64>,
}

impl SinkHealth {
    pub(crate) fn new(
        sink: String,
        configuration: Option<PathBuf>,
        clock: Clock,
        metrics: SinkMetrics,
    ) -> Self {
        let configuration = configuration.map(InstallationOptions::Configuration);
        let since = clock.now();
        metrics.state(SinkState::Connecting);
        let now = Snapshot { state: SinkState::Connecting, since, last_error: None, last_error_at: None };
        Self { sink, configuration, clock, metrics, now: Mutex::new(now), told: Mutex::default() }
    }

    pub(crate) fn sink(&self) -> &str {
        &self.sink
    }

    pub(crate) fn now(&self) -> Snapshot {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows it in the metrics, where a predecessor of this name may have had the last word.
    pub(crate) fn show(&self) {
        self.metrics.state(self.now().state);
    }

    pub(crate) fn running(&self) {
        if self.change(SinkState::Running, None) {
            self.told.lock().unwrap_or_else(PoisonError::into_inner).clear();
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
        let message = self.pasteable(&failure.to_string());
        let (state, kind) = match failure {
            Failure::Hold { .. } => (SinkState::Hold, "hold"),
            Failure::Retry { .. } => (SinkState::Retry, "retry"),
            Failure::Data { .. } | Failure::Refused { .. } => (SinkState::Retry, "data"),
        };
        self.metrics.failed(kind);
        let sink = self.sink.as_str();
        self.change(state, Some(message.clone()));
        if !self.is_news(&message) {
            tracing::debug!(sink, error = %message, retry_in_ms, "still failing");
            return;
        }
        match failure {
            Failure::Hold { .. } => {
                tracing::error!(sink, error = %message, retry_in_ms, "holding: somebody has to act");
            }
            Failure::Retry { .. } => {
                tracing::warn!(sink, error = %message, retry_in_ms, "failed, trying again");
            }
            Failure::Refused { .. } => {
                tracing::warn!(
                    sink,
                    error = %message,
                    "refused: fewer records go into a commit until it is known which"
                );
            }
            Failure::Data { .. } => {
                tracing::warn!(sink, error = %message, "refused: it becomes a dead letter");
            }
        }
    }

    /// The message with its commands as they are to be run here.
    fn pasteable(&self, message: &str) -> String {
        let message = name_sink(message, &self.sink);
        match &self.configuration {
            Some(installation) => installation.complete(&message).into_owned(),
            None => message.into_owned(),
        }
    }

    /// Whether this error was not told since it last delivered. Brokers that are away by turns say the same things by turns.
    fn is_news(&self, error: &str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.iter().any(|before| before == error) {
            return false;
        }
        if told.len() == MAX_TOLD {
            told.remove(0);
        }
        told.push(error.to_owned());
        true
    }

    /// Returns whether that is another state.
    fn change(&self, state: SinkState, error: Option<String>) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let news = now.state != state;
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

#[cfg(test)]
mod tests {
    use prometheus::Registry;

    use super::*;
    use crate::Metrics;

    #[test]
    fn errors_that_come_by_turns_are_told_once_until_it_delivers_again() {
        let metrics = Metrics::register(&Registry::new()).unwrap().sink("s");
        let health = SinkHealth::new("s".to_owned(), None, Clock::new(|| 0), metrics);
        let told = || ["a", "b"].iter().cycle().take(60).filter(|error| health.is_news(error)).count();
        health.failed(&Failure::retry("a"), Duration::ZERO);
        assert_eq!(told(), 1, "one of them was told already");
        health.running();
        assert_eq!(told(), 2);
    }

    #[test]
    fn commands_in_messages_name_the_sink_and_the_configuration() {
        let metrics = Metrics::register(&Registry::new()).unwrap().sink("s");
        let health = SinkHealth::new("s".to_owned(), Some("k.yaml".into()), Clock::new(|| 0), metrics);
        health.failed(&Failure::hold("gone: `kalends sinks seek NAME --to WHERE`"), Duration::ZERO);
        assert_eq!(health.now().last_error.unwrap(), "gone: `kalends sinks seek s --to WHERE -c k.yaml`");
    }
}
