//! A durable, append-only log of opaque bytes with positions that only grow.
//!
//! A payload is handed to an [`Appender`]; when [`Appender::append`] returns, it is on disk. One thread writes what
//! waits as one group, syncs once and answers all. A [`JournalReader`] gives out [`Reader`]s, which see what is synced and nothing else.
//!
//! This crate knows nobody: it never looks into a payload, and knows nothing of who reads it.
//! The one invariant: what was acknowledged is read back byte for byte, in order, or an error names the file and the offset.
//!
//! The format on disk is drawn in `docs/develop/journal-format.md`.

mod adopt;
mod appender;
mod error;
mod format;
mod fsck;
mod journal;
mod metrics;
mod position;
mod read;
mod recovery;
mod settings;
mod shared;
#[cfg(any(test, feature = "test-util"))]
mod stepped;
mod storage;
mod write;

#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "test-util"))]
pub use stepped::SteppedJournal;
#[cfg(any(test, feature = "test-util"))]
pub use storage::memory::{Fault, Memory};
#[cfg(any(test, feature = "test-util"))]
pub use write::writer::Turn;

pub use adopt::{Adoption, adopt};
pub use appender::Appender;
pub use error::{AppendError, CloseError, OpenError, ReadError};
pub use format::{frame::Frame, identity::FormerIdentity};
pub use fsck::{
    findings::{Damage, Missing, Tail},
    read_only::{Inspection, id_of, inspect},
    repair::{Repair, repair},
    verify::{Verification, verify},
};
pub use journal::Journal;
pub use metrics::Metrics;
pub use position::{Chain, LogPosition, LowWatermark, Usage};
pub use read::{journal_reader::JournalReader, reader::Reader};
pub use recovery::directory_lock::try_lock;
pub use settings::{ClockSource, Settings};
pub use shared::health::Health;
