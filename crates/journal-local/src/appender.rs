use std::{future, sync::Arc};

use bytes::Bytes;
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    time::Instant,
};

use crate::{
    error::AppendError,
    shared::{
        SharedState,
        health::Health,
        queue::{Append, Command},
    },
};

/// Stores payloads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Appender {
    shared: Arc<SharedState>,
    queue: mpsc::Sender<Command>,
    max_payload_bytes: usize,
}

impl Appender {
    pub(crate) fn new(
        shared: Arc<SharedState>,
        queue: mpsc::Sender<Command>,
        max_payload_bytes: usize,
    ) -> Self {
        Self { shared, queue, max_payload_bytes }
    }

    /// Stores `payload` and returns its position once it is on disk.
    ///
    /// `wall_time` is what the wall clock shows now, in microseconds since the Unix epoch: journal time goes by it, so an
    /// earlier reading would hold journal time back.
    ///
    /// # Errors
    /// Every [`AppendError`]. After [`AppendError::Poisoned`] and [`AppendError::Closed`] the payload may or may not be
    /// stored; after the others it is not.
    ///
    /// # Cancel safety
    /// If the future is dropped, the payload may still be stored.
    pub async fn append(&self, wall_time: i64, payload: Bytes) -> Result<u64, AppendError> {
        let bytes = payload.len();
        if bytes > self.max_payload_bytes {
            return Err(AppendError::TooLarge { bytes, max: self.max_payload_bytes });
        }
        if let Some(refusal) = self.health().refusal() {
            return Err(refusal);
        }
        let (reply, answer) = oneshot::channel();
        let command = Command::Append(Append { wall_time, at: Instant::now().into_std(), payload, reply });
        self.queue.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => AppendError::Busy,
            TrySendError::Closed(_) => self.ended(),
        })?;
        answer.await.unwrap_or_else(|_| Err(self.ended()))
    }

    /// Whether the journal can be written now.
    #[must_use]
    pub fn health(&self) -> Health {
        *self.shared.health.borrow()
    }

    /// Waits until a sync has failed; for ever, if none fails.
    ///
    /// # Cancel safety
    /// Safe: it only waits.
    pub async fn poisoned(&self) {
        let mut health = self.shared.health.subscribe();
        if health.wait_for(|health| *health == Health::Poisoned).await.is_err() {
            future::pending::<()>().await;
        }
    }

    /// Why the writer no longer answers.
    fn ended(&self) -> AppendError {
        match self.health() {
            Health::Poisoned => AppendError::Poisoned,
            _ => AppendError::Closed,
        }
    }
}
