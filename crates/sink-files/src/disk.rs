use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use crate::{disk_op::DiskOp, error::Error};

/// Identity of a file, whatever its name, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    bytes: u64,
}

impl Identity {
    fn of(metadata: &fs::Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino(), bytes: metadata.len() }
    }

    /// Returns whether the file is the same, however long it has become.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// Rights of what is made here, less those that the process' umask takes: records are about people, and so nobody else's business.
const FILE: u32 = 0o640;
const DIRECTORY: u32 = 0o750;

/// Error of `flock` where a file system locks only what is open for writing, as network file systems do.
const EBADF: i32 = 9;

/// Called before an operation; an error takes its place.
pub(crate) type Hook = Arc<dyn Fn(DiskOp, &Path) -> io::Result<()> + Send + Sync>;

/// The only way to the disk.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    hook: Option<Hook>,
}

impl Disk {
    #[cfg(test)]
    pub(crate) fn with_hook(hook: Hook) -> Self {
        Self { hook: Some(hook) }
    }

    fn run<T>(&self, op: DiskOp, path: &Path, act: impl FnOnce() -> io::Result<T>) -> Result<T, Error> {
        let allowed = self.hook.as_ref().map_or(Ok(()), |hook| hook(op, path));
        allowed.and_then(|()| act()).map_err(|source| Error::Io { op, path: path.to_owned(), source })
    }

    /// Makes a file that must not exist.
    pub(crate) fn create(&self, path: &Path) -> Result<File, Error> {
        self.run(DiskOp::Create, path, || {
            OpenOptions::new().write(true).create_new(true).mode(FILE).open(path)
        })
    }

    /// Makes a file, or empties the one that is there.
    pub(crate) fn create_anew(&self, path: &Path) -> Result<File, Error> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(FILE);
        self.run(DiskOp::Create, path, || options.open(path))
    }

    /// Opens a file for reading and writing, and makes it if there is none.
    pub(crate) fn open(&self, path: &Path) -> Result<File, Error> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(FILE);
        self.run(DiskOp::Open, path, || options.open(path))
    }

    /// Returns whether the lock could be had.
    pub(crate) fn try_lock(&self, file: &File, path: &Path) -> Result<bool, Error> {
        self.run(DiskOp::Lock, path, || match file.try_lock() {
            Ok(()) => Ok(true),
            Err(fs::TryLockError::WouldBlock) => Ok(false),
            Err(fs::TryLockError::Error(error)) => Err(error),
        })
    }

    pub(crate) fn open_directory(&self, path: &Path) -> Result<File, Error> {
        self.run(DiskOp::Open, path, || File::open(path))
    }

    /// Does the same as [`Disk::try_lock`]; a file system that can't lock directories is no error.
    pub(crate) fn try_lock_directory(&self, directory: &File, path: &Path) -> Result<bool, Error> {
        match self.try_lock(directory, path) {
            Err(Error::Io { source, .. }) if cannot_lock_directories(&source) => {
                tracing::warn!(
                    directory = %path.display(), error = %source,
                    "this file system can't lock directories: never delete the file `lock` there"
                );
                Ok(true)
            }
            result => result,
        }
    }

    /// Identity of the open file.
    pub(crate) fn identity(&self, file: &File, path: &Path) -> Result<Identity, Error> {
        self.run(DiskOp::Inspect, path, || file.metadata()).map(|found| Identity::of(&found))
    }

    /// Identity of the file with this name, `None` if there is none.
    pub(crate) fn identity_at(&self, path: &Path) -> Result<Option<Identity>, Error> {
        let found = self.run(DiskOp::Inspect, path, || if_there(fs::metadata(path)))?;
        Ok(found.map(|found| Identity::of(&found)))
    }

    /// A file's bytes, `None` if there is no such file.
    pub(crate) fn read_if_there(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        self.run(DiskOp::Read, path, || if_there(fs::read(path)))
    }

    pub(crate) fn truncate(&self, file: &File, path: &Path) -> Result<(), Error> {
        self.run(DiskOp::Write, path, || file.set_len(0))
    }

    pub(crate) fn write(&self, file: &mut File, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        self.run(DiskOp::Write, path, || file.write_all(bytes))
    }

    pub(crate) fn sync(&self, file: &File, path: &Path) -> Result<(), Error> {
        self.run(DiskOp::Sync, path, || file.sync_all())
    }

    pub(crate) fn create_directories(&self, path: &Path) -> Result<(), Error> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(DIRECTORY);
        self.run(DiskOp::CreateDirectory, path, || builder.create(path))
    }

    /// Makes the names in a directory durable.
    pub(crate) fn sync_directory(&self, path: &Path) -> Result<(), Error> {
        self.run(DiskOp::SyncDirectory, path, || File::open(path)?.sync_all())
    }

    /// Does the same as [`Disk::sync_directory`]; a directory that is gone is no error.
    pub(crate) fn sync_directory_if_there(&self, path: &Path) -> Result<(), Error> {
        self.run(DiskOp::SyncDirectory, path, || {
            if_there(File::open(path))?.map_or(Ok(()), |file| file.sync_all())
        })
    }

    pub(crate) fn exists(&self, path: &Path) -> Result<bool, Error> {
        self.run(DiskOp::Inspect, path, || if_there(fs::symlink_metadata(path))).map(|found| found.is_some())
    }

    /// The names in a directory; none if there is no such directory.
    pub(crate) fn list_if_there(&self, path: &Path) -> Result<Vec<OsString>, Error> {
        self.run(DiskOp::List, path, || {
            let Some(entries) = if_there(fs::read_dir(path))? else { return Ok(Vec::new()) };
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect()
        })
    }

    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.run(DiskOp::Rename, to, || fs::rename(from, to))
    }

    pub(crate) fn remove(&self, path: &Path) -> Result<(), Error> {
        self.run(DiskOp::Remove, path, || fs::remove_file(path))
    }
}

fn cannot_lock_directories(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EBADF)
        || matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
