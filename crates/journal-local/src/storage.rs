use std::{any::Any, fmt::Debug, io, path::Path};

mod disk;
#[cfg(any(test, feature = "test-util"))]
pub(crate) mod memory;

pub(crate) use disk::Disk;

/// All that the journal asks of the machine: a file system, and randomness for a new identity. Tests put a disk in its place
/// that fails and forgets.
pub(crate) trait Storage: Debug + Send + Sync {
    /// Makes a directory and those above it, and makes that durable. One that exists is left alone.
    fn create_directory(&self, directory: &Path) -> io::Result<()>;
    /// The names in a directory.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn File>>;
    /// Makes an empty file for reading and writing; whatever was there is gone.
    fn create(&self, path: &Path) -> io::Result<Box<dyn File>>;
    /// Puts a file in the place of another, or where none was.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;
    /// Bytes that can still be written to the file system of `directory`.
    fn free_bytes(&self, directory: &Path) -> io::Result<u64>;
    /// Takes the lock at `path` until the returned guard is dropped; `None` if another process has it. Removing the file
    /// at `path` sets no lock free.
    fn lock(&self, path: &Path) -> io::Result<Option<Lock>>;
    /// Fills `bytes` with random ones.
    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// Holds a lock for as long as it lives.
pub(crate) type Lock = Box<dyn Any + Send + Sync>;

/// An open file. It stays readable when its name is removed.
pub(crate) trait File: Debug + Send + Sync {
    /// Reads up to `buffer.len()` bytes at `offset`; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at `offset`.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Sees to it that the file has at least `length` bytes, zeros where it had none, and that they have a place on disk.
    fn allocate(&self, length: u64) -> io::Result<()>;
    /// Cuts the file or fills it with zeros.
    fn set_length(&self, length: u64) -> io::Result<()>;
    /// Makes the file's bytes and length durable.
    fn sync(&self) -> io::Result<()>;
    /// The file's length.
    fn length(&self) -> io::Result<u64>;
    /// Whether `path` is still this file's name.
    fn is_at(&self, path: &Path) -> io::Result<bool>;
}

/// Reads exactly `buffer.len()` bytes, or says that the file ends before.
pub(crate) fn read_exact_at(file: &dyn File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    match fill_at(file, buffer, offset)? {
        read if read == buffer.len() => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Reads until `buffer` is full or the file ends; returns how many bytes that were.
pub(crate) fn fill_at(file: &dyn File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + to_u64(filled)) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A length in memory as a length on disk.
pub(crate) fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A length on disk as a length in memory; saturates, so that a comparison with a real length stays true.
pub(crate) fn to_usize(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
