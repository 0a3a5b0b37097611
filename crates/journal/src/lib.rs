//! A durable, append-only log of opaque bytes with positions that only grow.
//!
//! A payload is handed to an [`Appender`]; when [`Appender::append`] returns, it is on disk. One thread writes what
//! waits as one group, syncs once and answers all. A [`JournalReader`] gives out [`Reader`]s, which see what is synced and nothing else.
//!
//! This crate knows nobody: it never looks into a payload, and knows nothing of who reads it.
//! The one invariant: what was acknowledged is read back byte for byte, in order, or an error names the file and the offset.
//!
//! The format on disk is drawn in `docs/journal-format.md`.

mod active;
mod appender;
mod batch;
#[cfg(any(test, feature = "test-util"))]
mod by_hand;
mod cursor;
mod error;
mod examine;
mod fault;
mod frame;
mod gap;
mod group;
mod identities;
mod identity;
mod inspect;
mod journal;
mod landmark;
mod layout;
mod ledger;
mod log;
mod mark;
#[cfg(any(test, feature = "test-util"))]
mod memory;
mod metrics;
mod queue;
mod reader;
mod recovery;
mod repair;
mod retention;
mod salvage;
mod segment;
mod segment_name;
mod set_aside;
mod settings;
mod storage;
mod survey;
mod timeline;
mod verify;
mod walk;
mod writer;

#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "test-util"))]
pub use by_hand::SteppedJournal;
#[cfg(any(test, feature = "test-util"))]
pub use memory::{Fault, Memory};
#[cfg(any(test, feature = "test-util"))]
pub use writer::Turn;

pub use appender::{Appender, Health};
pub use error::{AppendError, CloseError, OpenError, ReadError};
pub use frame::Frame;
pub use inspect::{Inspection, Tail, id_of, inspect};
pub use journal::Journal;
pub use log::JournalReader;
pub use mark::{Chain, LogPosition, LowWatermark, Usage};
pub use metrics::Metrics;
pub use reader::Reader;
pub use repair::{Repair, repair};
pub use settings::Settings;
pub use timeline::ClockSource;
pub use verify::{Damage, Missing, Verification, verify};
