//! Bytes that no longer belong to the journal are kept: nothing that came from outside is deleted because it can't be read.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    error::OpenError,
    storage::{Storage, read_exact_at, to_u64},
};

const DIRECTORY: &str = "set-aside";

/// What bytes are called that stood at `offset` of the segment that begins with `first`.
pub(crate) fn name(first: u64, offset: u64) -> String {
    format!("{first:020}.{offset}")
}

/// Sees to it that `bytes` are on disk in a file of this name, numbered from 1. One that holds them already, as after a start
/// that failed later, is taken; of an attempt that fails, nothing is left.
pub(crate) fn keep(
    storage: &dyn Storage,
    directory: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<PathBuf, OpenError> {
    let place = directory.join(DIRECTORY);
    storage.create_directory(&place).map_err(OpenError::io("create", &place))?;
    let taken = storage.list(&place).map_err(OpenError::io("list", &place))?;
    for number in 1..=u32::MAX {
        let numbered = format!("{name}.{number}");
        let path = place.join(&numbered);
        let is_kept = if taken.contains(&numbered) {
            holds(storage, &path, bytes).map_err(OpenError::io("read", &path))?
        } else {
            let put = put(storage, &path, bytes).inspect_err(|_| drop(storage.remove(&path)));
            put.map_err(OpenError::io("write", &path))?;
            true
        };
        if is_kept {
            storage.sync_directory(&place).map_err(OpenError::io("write", &path))?;
            return Ok(path);
        }
    }
    Err(OpenError::io("write", &place)(io::ErrorKind::StorageFull.into()))
}

fn put(storage: &dyn Storage, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = storage.create(path)?;
    file.write_at(bytes, 0)?;
    file.sync()
}

/// Whether a file has just these bytes; then they are durable.
fn holds(storage: &dyn Storage, path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let file = storage.open(path)?;
    if file.length()? != to_u64(bytes.len()) {
        return Ok(false);
    }
    let mut there = vec![0; bytes.len()];
    read_exact_at(&*file, &mut there, 0)?;
    let same = there == bytes;
    if same {
        file.sync()?;
    }
    Ok(same)
}
