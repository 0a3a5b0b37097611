use std::{
    fs::{self, DirBuilder, OpenOptions, TryLockError},
    io,
    os::{
        fd::AsFd,
        unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, fchown},
    },
    path::Path,
};

use rustix::{
    fs::{AtFlags, CWD, FallocateFlags, StatxFlags, fstat, makedev, statat, statx},
    io::Errno,
};

use super::{File, Lock, Storage};
use crate::error::NotSynced;

/// The file system of this machine.
#[derive(Debug)]
pub(crate) struct Disk;

impl Storage for Disk {
    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        if directory.is_dir() {
            // Whoever made it may have died before its name was durable, or never have cared.
            return match self.sync_directory(parent_of(directory)) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
                synced => synced,
            };
        }
        // What is stored is nobody else's business; directories above it are made as the process makes any.
        self.make_directory(directory, DirBuilder::new().mode(0o750))
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let names = fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.file_name().into_string()));
        // A name that is not UTF-8 is none of ours.
        names.filter_map(|name| name.map(Result::ok).transpose()).collect()
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn File>> {
        Ok(Box::new(fs::File::open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).mode(0o640).open(path)?;
        give_to_owner_of(parent_of(path), &file)?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let synced = fs::File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(|source| {
            let directory = directory.to_owned();
            io::Error::new(source.kind(), NotSynced { directory, source })
        })
    }

    fn free_bytes(&self, directory: &Path) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(directory)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        // The directory's own lock holds when somebody removes the file, which looks as if it were stale.
        let directory = fs::File::open(parent_of(path))?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o640);
        let file = options.open(path)?;
        give_to_owner_of(parent_of(path), &file)?;
        match allow_no_directory_lock(directory.try_lock()).and_then(|()| file.try_lock()) {
            Ok(()) => Ok(Some(Box::new((directory, file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(explain_lock(error)),
        }
    }

    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(io::Error::from)
    }
}

impl Disk {
    fn make_directory(&self, directory: &Path, builder: &DirBuilder) -> io::Result<()> {
        let parent = parent_of(directory);
        if !parent.is_dir() {
            self.make_directory(parent, &DirBuilder::new())?;
        }
        match builder.create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !directory.is_dir() => Err(error),
            _ => {
                give_to_owner_of(parent, &fs::File::open(directory)?)?;
                self.sync_directory(parent)
            }
        }
    }
}

impl File for fs::File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn allocate(&self, length: u64) -> io::Result<()> {
        Ok(rustix::fs::fallocate(self, FallocateFlags::empty(), 0, length)?)
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let own = inode(self, Path::new(""), AtFlags::EMPTY_PATH)?;
        match inode(CWD, path, AtFlags::empty()) {
            Ok(there) => Ok(there == own),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Gives what root makes to the user who has the directory, as in a repair by an operator: the daemon has to read it.
fn give_to_owner_of(directory: &Path, file: &fs::File) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let (there, own) = (fs::metadata(directory)?, file.metadata()?);
    if there.uid() == own.uid() {
        return Ok(());
    }
    fchown(file, Some(there.uid()), Some(there.gid()))
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Takes a directory that can't be locked as locked: on NFS a lock needs a file that is open for writing, and the lock file is
/// one.
fn allow_no_directory_lock(tried: Result<(), TryLockError>) -> Result<(), TryLockError> {
    match tried {
        Err(TryLockError::Error(error)) if error.raw_os_error() == Some(Errno::BADF.raw_os_error()) => Ok(()),
        tried => tried,
    }
}

fn explain_lock(error: io::Error) -> io::Error {
    let has_no_locks = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP]
        .iter()
        .any(|e| error.raw_os_error() == Some(e.raw_os_error()));
    if !has_no_locks {
        return error;
    }
    let advice = "this file system has no locks, and without one two processes could write the journal: on NFS run the lock \
                  service (mount without nolock), or put the journal on a local disk";
    io::Error::new(error.kind(), format!("{error} ({advice})"))
}

/// The device and the number of a file. Its times are not asked for: once somebody has seen them, the next write changes
/// them, however soon it comes, and the next sync has to record that.
fn inode(directory: impl AsFd, path: &Path, flags: AtFlags) -> io::Result<(u64, u64)> {
    match statx(&directory, path, flags, StatxFlags::INO) {
        Ok(stat) => Ok((makedev(stat.stx_dev_major, stat.stx_dev_minor), stat.stx_ino)),
        Err(error) => inode_without_statx(error, directory, path, flags),
    }
}

/// The same where an old kernel or a sandbox refuses the newer call.
fn inode_without_statx(
    refused: Errno,
    directory: impl AsFd,
    path: &Path,
    flags: AtFlags,
) -> io::Result<(u64, u64)> {
    if ![Errno::PERM, Errno::NOSYS].contains(&refused) {
        return Err(refused.into());
    }
    let stat =
        if flags.contains(AtFlags::EMPTY_PATH) { fstat(directory)? } else { statat(directory, path, flags)? };
    Ok((stat.st_dev, stat.st_ino))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpenError;

    #[test]
    fn a_directory_that_can_not_be_locked_leaves_the_lock_to_the_file() {
        let failed = |errno: Errno| Err(TryLockError::Error(io::Error::from(errno)));
        assert!(allow_no_directory_lock(failed(Errno::BADF)).is_ok());
        assert!(allow_no_directory_lock(failed(Errno::IO)).is_err());
        assert!(allow_no_directory_lock(Err(TryLockError::WouldBlock)).is_err());
    }

    #[test]
    fn a_file_system_without_locks_is_named() {
        let told = explain_lock(Errno::NOLCK.into()).to_string();
        assert!(told.contains("NFS"), "{told}");
        assert_eq!(explain_lock(Errno::IO.into()).raw_os_error(), Some(Errno::IO.raw_os_error()));
    }

    #[test]
    fn directory_that_can_not_be_synced_is_not_told_as_a_file_that_can_not_be_made() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("gone");
        let refused = Disk.sync_directory(&directory).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::NotFound);
        let told = OpenError::io("create", Path::new("/x"))(refused).to_string();
        let expected = format!("can't fsync {}: No such file or directory (os error 2)", directory.display());
        assert_eq!(told, expected);
    }

    #[test]
    fn a_file_is_known_again_where_statx_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a");
        let file = fs::File::create(&path).unwrap();
        let expected = inode(&file, Path::new(""), AtFlags::EMPTY_PATH).unwrap();
        for refused in [Errno::PERM, Errno::NOSYS] {
            let own = inode_without_statx(refused, &file, Path::new(""), AtFlags::EMPTY_PATH).unwrap();
            let there = inode_without_statx(refused, CWD, &path, AtFlags::empty()).unwrap();
            assert_eq!((own, there), (expected, expected));
        }
        let missing = inode_without_statx(Errno::PERM, CWD, &place.path().join("b"), AtFlags::empty());
        assert_eq!(missing.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(inode_without_statx(Errno::IO, CWD, &path, AtFlags::empty()).is_err());
    }
}
