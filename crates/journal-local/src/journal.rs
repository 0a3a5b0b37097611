use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use kalends_journal::{Appender, CloseError, ShardLog, StateStore};
use tokio::sync::mpsc;

use crate::{
    appender::LocalAppender,
    error::OpenError,
    format::reached_time,
    metrics::Metrics,
    read::journal_reader::JournalReader,
    recovery::{self, directory_lock::lock},
    settings::Settings,
    shared::{SharedState, queue::Command},
    state_directory::StateDirectory,
    storage::{Disk, Lock, Storage},
    write::{active_segment::ActiveSegment, writer::Writer},
};

/// An open journal: the one writer of its directory.
#[derive(Debug)]
pub struct Journal {
    shared: Arc<SharedState>,
    queue: mpsc::Sender<Command>,
    writer: Option<JoinHandle<Result<(), CloseError>>>,
    settings: Settings,
    _lock: Lock,
}

impl Journal {
    /// Opens the journal in `settings.directory`, or begins one there; recovers from whatever ended the last run.
    ///
    /// The last segment is written anew, so this takes as long as the disk takes for it, and as much room.
    ///
    /// # Errors
    /// Every [`OpenError`] but [`OpenError::NoJournal`].
    pub fn open(settings: Settings, metrics: Metrics) -> Result<Self, OpenError> {
        Self::open_on(Arc::new(Disk), settings, metrics)
    }

    pub(crate) fn open_on(
        storage: Arc<dyn Storage>,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<Self, OpenError> {
        let (mut journal, writer) = Self::recover(storage, settings, metrics)?;
        let writer = thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run());
        journal.writer =
            Some(writer.map_err(OpenError::io("start the writer of", &journal.settings.directory))?);
        Ok(journal)
    }

    /// The journal, and the writer whose thread is to be started.
    pub(crate) fn recover(
        storage: Arc<dyn Storage>,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<(Self, Writer), OpenError> {
        settings.check()?;
        let directory = &settings.directory;
        if settings.require_existing {
            recovery::check_existing(&*storage, directory)?;
        }
        storage.create_directory(directory).map_err(OpenError::io("create", directory))?;
        let lock = lock(&*storage, directory)?;
        let recovered = recovery::recover(&*storage, directory)?;
        let shared = Arc::new(SharedState::new(
            storage,
            &settings,
            recovered.identity,
            recovered.ends,
            recovered.segments,
        ));
        let reached = reached_time::read(&*shared.storage, directory, shared.identity.secret);
        if let Some(time) = reached.map_err(OpenError::io("read", &directory.join(reached_time::FILE)))? {
            shared.clock.reach(time);
        }
        let (queue, commands) = mpsc::channel(settings.queue);
        let active = ActiveSegment::new(
            Arc::clone(&shared),
            metrics.clone(),
            &settings,
            recovered.file,
            recovered.segment,
        );
        let writer = Writer::new(Arc::clone(&shared), metrics, &settings, commands, active);
        Ok((Self { shared, queue, writer: None, settings, _lock: lock }, writer))
    }

    /// A handle that stores payloads.
    #[must_use]
    pub fn appender(&self) -> Appender {
        let (shared, queue) = (Arc::clone(&self.shared), self.queue.clone());
        Appender::new(Arc::new(LocalAppender::new(shared, queue, self.settings.max_payload_bytes)))
    }

    /// A handle that reads and releases. Each call makes another one.
    #[must_use]
    pub fn log(&self) -> Arc<dyn ShardLog> {
        Arc::new(JournalReader::new(Arc::clone(&self.shared), Some(self.queue.clone())))
    }

    /// The mark before the first frame: position 0 and the checksum that the first frame's is chained to.
    #[cfg(test)]
    pub(crate) fn genesis(&self) -> kalends_journal::LogPosition {
        self.shared.identity.genesis()
    }

    /// Answers everything that waits, puts the end on record, and ends the writer's thread. Blocks.
    /// Dropping a journal does the same and says nothing.
    ///
    /// # Errors
    /// Every [`CloseError`].
    pub fn close(mut self) -> Result<(), CloseError> {
        self.end()
    }

    pub(crate) fn close_soon(&self) {
        self.shared.close_soon();
        // With a full queue the writer is at work, and looks whether to close after each group.
        drop(self.queue.try_send(Command::Check));
    }

    fn end(&mut self) -> Result<(), CloseError> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        self.close_soon();
        writer.join().unwrap_or(Err(CloseError::Panicked))
    }
}

impl kalends_journal::Journal for Journal {
    fn appender(&self) -> Appender {
        Self::appender(self)
    }

    fn state(&self) -> Arc<dyn StateStore> {
        Arc::new(StateDirectory::of_journal(&self.settings.directory))
    }

    fn close(self: Box<Self>) -> Result<(), CloseError> {
        Self::close(*self)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        drop(self.end());
    }
}
