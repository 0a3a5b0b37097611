//! The seam between delivery and a destination.
//!
//! A [`Sink`] answers two questions: how far have you got ([`Sink::connect`]), and can you make these
//! records and their end position durable together ([`Sink::commit`])? A failure is data, not a log line:
//! a [`Failure`] says whether to retry, to hold, or which single record is at fault.
//!
//! A sink that wants a record's fields rather than its datum reads a [`Row`]; one that wants the datum pays nothing for it.
//!
//! This crate knows a journal by its identity alone, and knows no Avro library and no destination.

mod checkpoint;
#[cfg(feature = "test-util")]
pub mod conformance;
mod event_time;
mod failure;
mod kind;
mod pasteable;
mod record;
mod row;

pub use checkpoint::Checkpoint;
pub use event_time::{latest_time, trusted_time};
pub use failure::Failure;
pub use kalends_journal::{JournalId, ParseJournalIdError, ShardId};
pub use kind::{
    BuildError, Claim, CommonKey, CommonKeys, Context, Doubt, Explanation, Finding, Guarantee, KindSettings,
    RecordName, Report, SchemaRegistry, SchemaRegistryError, Scope, SharedMetrics, SinkDefinition, SinkKind,
    SinkKinds, SinkMetrics, Standing, TOPIC_RULE, Topics, WHEN_INCOMPATIBLE, is_topic,
};
pub use pasteable::{InstallationOptions, name_sink};
pub use record::{Pacing, Record, Schema, Stream};
pub use row::{
    Field, FieldType, FieldValue, Instant, Row, RowBuffer, RowError, RowPlan, RowSchemaError, Texts, TimeUnit,
};

/// A destination that owns its position.
///
/// Calls block; each sink has a thread of its own. The order of calls is
/// `connect (write* commit)*`, and after any [`Failure`] again `connect`: whatever was written since the last
/// commit is then void, and delivery reads it again from the journal.
pub trait Sink: Send {
    /// Connects, finishes or undoes whatever a crash left half done, takes the destination for itself, and returns
    /// the checkpoint that is durable there; `None` when this destination has never seen `journal`.
    ///
    /// Everything written but not committed before this call is gone after it.
    ///
    /// # Errors
    /// [`Failure::Retry`] when the destination can't be reached, [`Failure::Hold`] when it refuses.
    fn connect(&mut self, journal: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure>;

    /// Hands over records in journal order. They need not be durable before [`Sink::commit`].
    ///
    /// # Errors
    /// Any [`Failure`]; [`Failure::Data`] names the one record that can't be written.
    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure>;

    /// Makes everything written since the last commit durable together with `checkpoint`, or nothing of it.
    /// A commit with no records written is valid and moves the checkpoint alone.
    ///
    /// # Errors
    /// Any [`Failure`]. The outcome may then be unknown: only the checkpoint that [`Sink::connect`] reads tells.
    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure>;

    /// An operator says to go on: whoever has taken over is taken over from at the next connect.
    fn resume(&mut self) {}

    /// An operator has said where to go on: the next connect does without the destination's own position where that is damaged
    /// or gone, sets it aside, and returns `None`. A commit of the new checkpoint follows at once.
    fn do_without_checkpoint(&mut self) {}

    /// Whether a checkpoint older than noted is gone on from: where records and checkpoint can only go back together, an older
    /// one says that the records behind it are missing too.
    fn catches_up(&self) -> bool {
        false
    }

    /// Whether the destination has asked to wait, so that a failure until then says nothing of any record.
    fn asks_to_wait(&self) -> bool {
        false
    }

    /// How much may be written between two commits.
    fn pacing(&self) -> Pacing;
}
