use crate::{Appender, CloseError, Log, Metrics, OpenError, Settings};

/// An open journal: the one writer of its directory.
#[derive(Debug)]
pub struct Journal {}

impl Journal {
    /// Opens the journal in `settings.directory`, or begins one there; recovers from whatever ended the last run.
    ///
    /// # Errors
    /// Every [`OpenError`] but [`OpenError::NoJournal`].
    pub fn open(settings: Settings, metrics: Metrics) -> Result<Self, OpenError> {
        unimplemented!("{settings:?} {metrics:?}")
    }

    /// A handle that stores payloads.
    #[must_use]
    pub fn appender(&self) -> Appender {
        unimplemented!()
    }

    /// A handle that reads and releases.
    #[must_use]
    pub fn log(&self) -> Log {
        unimplemented!()
    }

    /// Answers everything that waits, puts the end on record, and ends the writer's thread. Blocks.
    ///
    /// # Errors
    /// Every [`CloseError`].
    pub fn close(self) -> Result<(), CloseError> {
        unimplemented!()
    }
}
