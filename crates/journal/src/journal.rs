use std::{fmt, sync::Arc};

use crate::{Appender, StateStore};

/// The journal was closed, but not as it should have been. Whatever was acknowledged is safe.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// A sync had failed.
    #[error("the journal was poisoned by a failed write to disk")]
    Poisoned,
    /// The writer's thread panicked.
    #[error("the journal's thread panicked")]
    Panicked,
}

/// An open journal of any kind, but for its shards, which whoever opens it hands to delivery.
pub trait Journal: fmt::Debug + Send + Sync {
    /// A handle that stores payloads.
    fn appender(&self) -> Appender;

    /// The store of notes beside the journal.
    fn state(&self) -> Arc<dyn StateStore>;

    /// Answers everything that waits, and ends. Blocks.
    ///
    /// # Errors
    /// Every [`CloseError`].
    fn close(self: Box<Self>) -> Result<(), CloseError>;
}

/// Largest payload that a journal stores, in bytes.
const MAX_PAYLOAD_BYTES: u64 = 0x7fff_ffff;

/// Sizes with which no journal is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SizeFault {
    /// No journal stores such a payload.
    #[error("a payload of {payload} bytes is too large: at most {most} are possible")]
    Payload {
        /// The largest payload.
        payload: u64,
        /// The most that is possible.
        most: u64,
    },
    /// The journal has no room for the largest payload.
    #[error(
        "the largest size of {max_bytes} bytes is too small for payloads of {payload} bytes: at least {least} are needed"
    )]
    MaxBytes {
        /// The largest size of the journal.
        max_bytes: u64,
        /// The largest payload.
        payload: u64,
        /// The least that is needed.
        least: u64,
    },
}

/// Holds that a journal of at most `max_bytes` can be opened for payloads of up to `payload` bytes.
///
/// # Errors
/// The first [`SizeFault`].
pub const fn check_sizes(payload: u64, max_bytes: u64) -> Result<(), SizeFault> {
    let least = payload.saturating_add(1024).saturating_mul(8);
    if payload > MAX_PAYLOAD_BYTES {
        return Err(SizeFault::Payload { payload, most: MAX_PAYLOAD_BYTES });
    }
    if max_bytes < least {
        return Err(SizeFault::MaxBytes { max_bytes, payload, least });
    }
    Ok(())
}
