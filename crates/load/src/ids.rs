use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::Error;

/// A file to which the id of every acknowledged event is appended, one a line.
#[derive(Debug)]
pub(super) struct Ids {
    path: PathBuf,
    file: Mutex<File>,
}

impl Ids {
    /// Opens or creates the file.
    ///
    /// # Errors
    /// It can't be opened.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| Error::file(path, error))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file) })
    }

    /// Appends an id. It is with the kernel when this returns, so killing this process loses none.
    ///
    /// # Errors
    /// The file can't be written.
    pub(super) fn append(&self, id: &str) -> Result<(), Error> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // One write, so that a kill leaves no half a line.
        file.write_all(format!("{id}\n").as_bytes()).map_err(|error| Error::file(&self.path, error))
    }
}
