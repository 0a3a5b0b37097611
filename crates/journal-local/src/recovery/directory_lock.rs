use std::path::Path;

use crate::{
    error::OpenError,
    storage::{Disk, Lock, Storage},
};

const LOCK: &str = "LOCK";

/// Makes this process the one that writes the journal in `directory`.
pub(crate) fn lock(storage: &dyn Storage, directory: &Path) -> Result<Lock, OpenError> {
    let path = directory.join(LOCK);
    let lock = storage.lock(&path).map_err(OpenError::io("lock", &path))?;
    lock.ok_or_else(|| OpenError::Locked { directory: directory.to_owned(), lock: path })
}

/// Takes the lock of the journal in `directory`, which must be there, and sets it free again.
///
/// # Errors
/// [`OpenError::Locked`] when another process writes it; [`OpenError::Io`] when it can't be locked at all.
pub fn try_lock(directory: &Path) -> Result<(), OpenError> {
    lock(&Disk, directory).map(drop)
}
