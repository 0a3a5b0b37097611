use std::path::Path;

use crate::{
    error::OpenError,
    storage::{Lock, Storage},
};

const LOCK: &str = "LOCK";

/// Makes this process the one that writes the journal in `directory`.
pub(crate) fn lock(storage: &dyn Storage, directory: &Path) -> Result<Lock, OpenError> {
    let path = directory.join(LOCK);
    let lock = storage.lock(&path).map_err(OpenError::io("lock", &path))?;
    lock.ok_or_else(|| OpenError::Locked { directory: directory.to_owned(), lock: path })
}
