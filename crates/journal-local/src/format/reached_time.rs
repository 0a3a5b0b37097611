use std::{io, path::Path};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::{
    format::{bytes::take_i64, segment_name},
    storage::{Storage, fill_at},
};

/// The file's name.
pub(crate) const FILE: &str = "journal.time";

const BYTES: usize = 16;

/// Puts on disk the journal time by which history goes: no later frame may be older, whatever the wall clock shows.
pub(crate) fn store(storage: &dyn Storage, directory: &Path, secret: u64, time: i64) -> io::Result<()> {
    let path = directory.join(FILE);
    let temporary = segment_name::temporary(&path);
    let mut bytes = time.to_le_bytes().to_vec();
    bytes.extend_from_slice(&xxh3_64_with_seed(&time.to_le_bytes(), secret).to_le_bytes());
    let write = || {
        let file = storage.create(&temporary)?;
        file.write_at(&bytes, 0)?;
        file.sync()?;
        storage.rename(&temporary, &path)
    };
    write().inspect_err(|_| drop(storage.remove(&temporary)))?;
    storage.sync_directory(directory)
}

/// The time that was stored last; `None` where there is none, or none that is valid.
///
/// # Errors
/// It is there and can't be read.
pub(crate) fn read(storage: &dyn Storage, directory: &Path, secret: u64) -> io::Result<Option<i64>> {
    let file = match storage.open(&directory.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = [0; BYTES];
    fill_at(&*file, &mut bytes, 0)?;
    let Some((time, checksum)) = bytes.split_first_chunk::<8>() else { return Ok(None) };
    let is_valid = xxh3_64_with_seed(time, secret).to_le_bytes() == *checksum;
    Ok(take_i64(time, 0).filter(|_| is_valid))
}
