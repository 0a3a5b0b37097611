//! The kinds of journal that this program has. One so far: a directory of this machine.

use std::{path::Path, sync::Arc};

use kalends_journal::{ShardId, SinkNotes, StateStore};
use kalends_journal_local::StateDirectory;
use kalends_settings::{JournalKind, Settings};

/// The store of notes beside the journal that the settings name.
pub(crate) fn state(settings: &Settings) -> Arc<dyn StateStore> {
    match settings.journal.kind {
        JournalKind::Local => state_in(&settings.journal.directory.join("sinks")),
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
