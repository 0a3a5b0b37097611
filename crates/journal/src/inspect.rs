use std::path::{Path, PathBuf};

use crate::{Log, OpenError};

/// A journal as it lies on disk, opened without its lock: of a stopped daemon, or of one that runs.
#[derive(Debug)]
pub struct Inspection {}

impl Inspection {
    /// Reads the frames up to the last valid one. Never changes anything; [`Log::release`] does nothing.
    #[must_use]
    pub fn log(&self) -> &Log {
        unimplemented!()
    }

    /// What stands behind the last valid frame, if anything does.
    /// On a journal that is being written this may be a group that is not yet complete.
    #[must_use]
    pub fn tail(&self) -> Option<&Tail> {
        unimplemented!()
    }
}

/// Bytes behind the last valid frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The file they stand in.
    pub file: PathBuf,
    /// Where they begin.
    pub offset: u64,
    /// How many they are.
    pub bytes: u64,
    /// Whether a later header proves that they had been synced: then this is damage, and no tail that a crash tore.
    pub synced: bool,
}

/// Looks at the journal in `directory` without changing it and without its lock.
///
/// # Errors
/// Every [`OpenError`] but [`OpenError::Locked`] and [`OpenError::Settings`].
pub fn inspect(directory: &Path) -> Result<Inspection, OpenError> {
    unimplemented!("{directory:?}")
}
