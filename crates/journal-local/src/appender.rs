use std::sync::Arc;

use bytes::Bytes;
use kalends_journal::{Append, AppendError, Health, Pending};
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot, watch,
    },
    time::Instant,
};

use crate::shared::{
    SharedState,
    queue::{self, Command},
};

/// Hands payloads to the writer.
#[derive(Debug)]
pub(crate) struct LocalAppender {
    shared: Arc<SharedState>,
    queue: mpsc::Sender<Command>,
    max_payload_bytes: usize,
}

impl LocalAppender {
    pub(crate) fn new(
        shared: Arc<SharedState>,
        queue: mpsc::Sender<Command>,
        max_payload_bytes: usize,
    ) -> Self {
        Self { shared, queue, max_payload_bytes }
    }
}

impl Append for LocalAppender {
    fn submit(&self, wall_time: i64, payload: Bytes) -> Result<Pending, AppendError> {
        let bytes = payload.len();
        if bytes > self.max_payload_bytes {
            return Err(AppendError::TooLarge { bytes, max: self.max_payload_bytes });
        }
        if let Some(refusal) = self.health().refusal() {
            return Err(refusal);
        }
        let (reply, pending) = oneshot::channel();
        let append = queue::Append { wall_time, at: Instant::now().into_std(), payload, reply };
        match self.queue.try_send(Command::Append(append)) {
            Ok(()) => Ok(pending),
            Err(TrySendError::Full(_)) => Err(AppendError::Busy),
            Err(TrySendError::Closed(_)) => Err(self.health().refusal().unwrap_or(AppendError::Closed)),
        }
    }

    fn health(&self) -> Health {
        *self.shared.health.borrow()
    }

    fn watch_health(&self) -> watch::Receiver<Health> {
        self.shared.health.subscribe()
    }
}
