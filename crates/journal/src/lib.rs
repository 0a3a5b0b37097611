//! The seam between a journal and the parts that use it: ingress appends, delivery reads.
//!
//! A journal is a durable log of opaque payloads in one or more *shards*. Within a shard, positions only grow, and a reader
//! sees what is durable and nothing else. What was acknowledged is read back byte for byte, in order, or an error says why not.
//!
//! - [`Append`] stores one payload and answers when the payload is durable. Ingress holds it as an [`Appender`].
//! - [`ShardLog`] is one shard as its owner sees it: positions, chain, readers, low watermark. Delivery runs once for each.
//! - [`StateStore`] keeps small notes durably beside the journal: for each sink and shard how far the sink was, and more.
//! - [`Journal`] is an open journal of any kind, as the daemon holds it.
//!
//! This crate knows nobody: not what a payload is, and no kind of journal. A call per event crosses this seam as one call
//! of a trait object, without an allocation: an append allocates its answer alone, a reader lends its frames.

mod append;
mod id;
mod journal;
mod position;
mod shard_log;
mod state;

pub use append::{Append, AppendError, Appender, Health, Pending, Reply};
pub use id::{JournalId, ParseJournalIdError, ShardId};
pub use journal::{CloseError, Journal, SizeFault, check_sizes};
pub use position::{Chain, FormerIdentity, LogPosition, LowWatermark, Usage};
pub use shard_log::{Frame, FrameReader, ReadError, ShardLog};
pub use state::{Note, SinkNotes, StateLock, StateStore};
