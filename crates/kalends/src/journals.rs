//! The kinds of journal that this program has. One so far: a directory of this machine.
//!
//! The daemon, delivery and ingress know a journal by the traits of `kalends_journal`. The commands that look at a journal's
//! files, repair or adopt them are commands of the local journal.

use std::{path::Path, sync::Arc};

use kalends_journal::{Journal, ShardId, ShardLog, SinkNotes, StateStore};
use kalends_journal_local::{ClockSource, Metrics, StateDirectory};
use kalends_settings::{JournalKind, Settings};
use prometheus::Registry;

use crate::daemon::Error;

/// An open journal, and the shard of it that this process delivers.
pub(crate) struct Opened {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) shard: Arc<dyn ShardLog>,
}

/// Opens the journal of the settings, whatever its kind.
///
/// # Errors
/// [`Error`] when the journal can't be opened, or its metrics can't be registered.
pub(crate) fn open(settings: &Settings, registry: &Registry) -> Result<Opened, Error> {
    match settings.journal.kind {
        JournalKind::Local => open_local(settings, registry),
    }
}

fn open_local(settings: &Settings, registry: &Registry) -> Result<Opened, Error> {
    let metrics = Metrics::default();
    metrics.register(registry)?;
    let journal = kalends_journal_local::Journal::open(local(settings), metrics)?;
    Ok(Opened { shard: journal.log(), journal: Box::new(journal) })
}

/// The settings of the local journal.
pub(crate) fn local(settings: &Settings) -> kalends_journal_local::Settings {
    let journal = &settings.journal;
    kalends_journal_local::Settings {
        segment_bytes: journal.segment_size.bytes(),
        max_bytes: journal.max_size.bytes(),
        min_free_bytes: journal.min_free.bytes(),
        require_existing: journal.require_existing,
        // The window can only be rebuilt from what is kept.
        retain: journal.retain.max(settings.deduplicate.window),
        clock: ClockSource::Steady,
        max_payload_bytes: usize::try_from(settings.listen.largest_receipt()).unwrap_or(usize::MAX),
        ..kalends_journal_local::Settings::new(&journal.directory)
    }
}

/// The store of notes beside the journal of the settings.
pub(crate) fn state(settings: &Settings) -> Arc<dyn StateStore> {
    match settings.journal.kind {
        JournalKind::Local => Arc::new(StateDirectory::of_journal(&settings.journal.directory)),
    }
}

/// The notes in a directory of their own, as those of replays are.
pub(crate) fn state_in(directory: &Path) -> Arc<dyn StateStore> {
    Arc::new(StateDirectory::new(directory))
}

/// The notes of one sink. The journal of a command has one shard.
pub(crate) fn notes(settings: &Settings, sink: &str) -> SinkNotes {
    SinkNotes::new(state(settings), sink, ShardId::FIRST)
}
