//! A journal in a directory of this machine: segment files of frames, one shard, one process that writes.
//!
//! One thread writes what waits as one group, syncs once and answers all; an append returns when the disk has its payload.
//! Readers see what is synced and nothing else. A [`StateDirectory`] has the notes beside it.
//!
//! The traits of `kalends_journal` are how ingress and delivery use it; nothing in here looks into a payload.
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
mod read;
mod recovery;
mod settings;
mod shared;
mod state_directory;
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
pub use error::OpenError;
pub use fsck::{
    findings::{Damage, Missing, Tail},
    read_only::{Inspection, id_of, inspect},
    repair::{Repair, repair},
    verify::{Verification, verify},
};
pub use journal::Journal;
pub use metrics::Metrics;
pub use recovery::directory_lock::try_lock;
pub use settings::{ClockSource, Settings};
pub use state_directory::StateDirectory;
