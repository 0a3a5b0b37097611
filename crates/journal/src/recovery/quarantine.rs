//! Bytes that no longer belong to the journal are kept: nothing that came from outside is deleted because it can't be read.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    error::OpenError,
    storage::{File, Storage},
};

const DIRECTORY: &str = "set-aside";

/// What bytes are called that stood at `offset` of the segment that begins with `first`.
pub(crate) fn name(first: u64, offset: u64) -> String {
    format!("{first:020}.{offset}")
}

/// Makes a file for bytes of this name, numbered from 1, and sees to it that they are on disk.
pub(crate) fn create(
    storage: &dyn Storage,
    directory: &Path,
    name: &str,
    write: impl FnOnce(&dyn File) -> io::Result<()>,
) -> Result<PathBuf, OpenError> {
    let place = directory.join(DIRECTORY);
    storage.create_directory(&place).map_err(OpenError::io("create", &place))?;
    let taken = storage.list(&place).map_err(OpenError::io("list", &place))?;
    let name = (1..=u32::MAX)
        .map(|number| format!("{name}.{number}"))
        .find(|name| !taken.contains(name))
        .unwrap_or_default();
    let path = place.join(name);
    let put = || {
        let file = storage.create(&path)?;
        write(&*file)?;
        file.sync()?;
        storage.sync_directory(&place)
    };
    put().map_err(OpenError::io("write", &path))?;
    Ok(path)
}
