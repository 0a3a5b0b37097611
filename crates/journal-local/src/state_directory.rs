use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kalends_journal::{StateLock, StateStore};

/// Notes as files of one directory, a file each. Whoever may write the directory may write notes.
#[derive(Debug, Clone)]
pub struct StateDirectory {
    directory: PathBuf,
}

impl StateDirectory {
    /// The notes in `directory`, which is made when the first one is written.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The notes of the sinks, beside the journal in `journal`.
    #[must_use]
    pub fn of_journal(journal: &Path) -> Self {
        Self::new(journal.join("sinks"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl StateStore for StateDirectory {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        kalends_note::read(&self.path(name))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        kalends_note::replace(&self.path(name), bytes)
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        kalends_note::append(&self.path(name), bytes)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        kalends_note::remove(&self.path(name))
    }

    fn lock(&self) -> io::Result<StateLock> {
        fs::create_dir_all(&self.directory)?;
        Ok(StateLock::new(Some(Box::new(kalends_note::lock(&self.directory)?))))
    }

    fn place(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}
