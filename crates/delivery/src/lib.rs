//! Carries events from the journal to the sinks.
//!
//! One *scanner* reads each synced receipt once, in order: it normalises, counts, keeps the fingerprints of the
//! duplicate window, and remembers which positions are duplicates. One independent loop per sink reads from the
//! sink's own position, skips duplicates, withholds what the sink may not see, encodes, writes and commits.
//! Sinks at the head share the scanner's work; a sink that lags reads the journal by itself. A slow or dead sink delays nobody else.
//!
//! The invariant: a sink's checkpoint moves only together with the records up to it, and only through positions that
//! the scanner has passed, so that what is a duplicate is a function of the journal alone.

mod builder;
mod checkpoint;
mod context;
mod dedup;
mod delivery;
mod encode;
mod forget;
mod handle;
mod health;
mod journal_ids;
mod metrics;
mod operator;
mod preview;
pub mod privacy;
mod runtime;
mod scan;
mod settings;
mod sink_loop;
mod state;
mod status;

pub use builder::{CheckedSinks, DeliveryTasks, PrivacyError};
pub use checkpoint::{
    put_back::{PutBack, forget_put_back, noted_put_back},
    received::position_before_received,
    rehearsal::Rehearsal,
    seek::{SeekPlan, SeekTarget, Start, noted_checkpoint},
    skip::SkipPlan,
};
pub use context::DeliveryContext;
pub use delivery::{Delivery, PreparedDelivery, StartError};
pub use encode::routes::{Selection, Topics, streams};
pub use forget::{
    ForgetList, ForgetNews, ForgetWatch, ForgottenPeople, ListError, Listed, Person, used_forget_list,
};
pub use handle::DeliveryHandle;
pub use metrics::Metrics;
pub use operator::{
    command::{Command, CommandFile},
    dead_letter_index::{Noted as NotedDeadLetters, noted_dead_letters},
};
pub use preview::{PreviewError, PreviewReader, PreviewedEvent, PreviewedRecord, SinkPreview};
pub use runtime::{
    clock::Clock,
    sink_locks::SinkLocks,
    task::{Task, Wait},
};
pub use scan::replay_filter::ReplayFilter;
pub use settings::{Feed, Settings, SinkSettings};
pub use state::SinkState;
pub use status::{IntakeStatus, LastDeadLetter, ScannerStatus, SinkStatus, Status, Stopped};

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use kalends_journal::{ShardId, SinkNotes, StateStore};
    use kalends_journal_local::StateDirectory;

    /// The notes in a directory.
    pub(crate) fn state(directory: &Path) -> Arc<dyn StateStore> {
        Arc::new(StateDirectory::new(directory))
    }

    /// The notes of one sink, for the first shard.
    pub(crate) fn notes(directory: &Path, sink: &str) -> SinkNotes {
        SinkNotes::new(state(directory), sink, ShardId::FIRST)
    }
}
