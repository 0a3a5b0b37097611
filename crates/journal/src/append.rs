use std::{fmt, future, sync::Arc};

use bytes::Bytes;
use tokio::sync::{oneshot, watch};

/// The cause why a payload was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The payload is larger than the settings allow.
    #[error("the payload has {bytes} bytes, and the journal takes at most {max}")]
    TooLarge {
        /// Bytes of the payload.
        bytes: usize,
        /// Most bytes of a payload.
        max: usize,
    },
    /// The disk is full or the journal has reached its largest size: nothing undelivered is dropped to make room.
    #[error("the journal is full")]
    Full,
    /// Too many appends wait already.
    #[error("too many appends wait for the journal")]
    Busy,
    /// A sync has failed: what is on disk is known only after a restart.
    #[error(
        "the journal is poisoned: a write to disk has failed, and only a restart can tell what is stored"
    )]
    Poisoned,
    /// The journal is closed or closing.
    #[error("the journal is closed")]
    Closed,
}

/// The journal's readiness for appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Appends are taken.
    Writable,
    /// The disk is full or the largest size is reached. Ends by itself when there is room.
    Full,
    /// A sync has failed: no append is taken until the journal is opened anew.
    Poisoned,
    /// The journal is closed or closing.
    Closed,
}

impl Health {
    /// The cause why nothing can be stored; `None` while appends are taken.
    #[must_use]
    pub const fn refusal(self) -> Option<AppendError> {
        match self {
            Self::Writable => None,
            Self::Full => Some(AppendError::Full),
            Self::Poisoned => Some(AppendError::Poisoned),
            Self::Closed => Some(AppendError::Closed),
        }
    }
}

/// The place for the outcome of one append: the payload's position, or the cause why the payload is not stored.
pub type Reply = oneshot::Sender<Result<u64, AppendError>>;

/// The outcome of one append, once it is known. Dropped by a journal that has ended meanwhile.
pub type Pending = oneshot::Receiver<Result<u64, AppendError>>;

/// The side of a journal that stores payloads.
pub trait Append: fmt::Debug + Send + Sync {
    /// Takes one payload. The outcome is [`Ok`] only when the payload is durable.
    ///
    /// `wall_time` is what the wall clock shows now, in microseconds since the Unix epoch.
    ///
    /// # Errors
    /// Every [`AppendError`] that can be told at once; then the payload is not stored.
    fn submit(&self, wall_time: i64, payload: Bytes) -> Result<Pending, AppendError>;

    /// Tells whether the journal can be written now.
    fn health(&self) -> Health;

    /// The same, and every change of it.
    fn watch_health(&self) -> watch::Receiver<Health>;
}

/// Stores payloads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Appender(Arc<dyn Append>);

impl Appender {
    /// A handle on what stores.
    #[must_use]
    pub fn new(journal: Arc<dyn Append>) -> Self {
        Self(journal)
    }

    /// Stores `payload` and returns its position once it is durable.
    ///
    /// `wall_time` is what the wall clock shows now, in microseconds since the Unix epoch: journal time goes by it, so an
    /// earlier reading would hold journal time back.
    ///
    /// # Errors
    /// Every [`AppendError`]. After [`AppendError::Poisoned`] and [`AppendError::Closed`] the payload may or may not be
    /// stored; after the others it is not.
    ///
    /// # Cancel safety
    /// The payload may still be stored after the future was dropped.
    pub async fn append(&self, wall_time: i64, payload: Bytes) -> Result<u64, AppendError> {
        let pending = self.0.submit(wall_time, payload)?;
        pending.await.unwrap_or_else(|_| Err(self.ended()))
    }

    /// Tells whether the journal can be written now.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.health()
    }

    /// Waits until a sync has failed; for ever, if none fails.
    ///
    /// # Cancel safety
    /// Safe: it only waits.
    pub async fn poisoned(&self) {
        let mut health = self.0.watch_health();
        if health.wait_for(|health| *health == Health::Poisoned).await.is_err() {
            future::pending::<()>().await;
        }
    }

    /// The cause why the journal no longer answers.
    fn ended(&self) -> AppendError {
        match self.health() {
            Health::Poisoned => AppendError::Poisoned,
            _ => AppendError::Closed,
        }
    }
}
