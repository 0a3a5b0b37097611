use std::{
    fs::{self, File},
    path::PathBuf,
    process,
};

use crate::{
    disk::{Disk, Identity},
    error::Error,
    layout::Layout,
};

/// Keeps every other process away from a destination, for as long as it lives.
///
/// `.kalends` itself is locked, which no deletion of the file in it can undo, and the file, which says who locked it.
pub(crate) struct Lock {
    directory: Held,
    note: Held,
}

/// Something that is locked, and where it was.
struct Held {
    path: PathBuf,
    identity: Identity,
    _file: File,
}

impl Lock {
    /// Takes the lock, and writes into its file who did.
    pub(crate) fn take(disk: &Disk, layout: &Layout) -> Result<Self, Error> {
        let hidden = layout.hidden();
        let directory = disk.open_directory(&hidden)?;
        // The file comes second: a process that is refused must not make it.
        if !disk.try_lock_directory(&directory, &hidden)? {
            return Err(locked(disk, layout));
        }
        let path = layout.lock();
        let mut note = disk.open(&path)?;
        if !disk.try_lock(&note, &path)? {
            return Err(locked(disk, layout));
        }
        disk.truncate(&note, &path)?;
        disk.write(&mut note, &path, format!("process {} on {}\n", process::id(), host()).as_bytes())?;
        let lock = Self { directory: hold(disk, directory, hidden)?, note: hold(disk, note, path)? };
        lock.check(disk)?;
        Ok(lock)
    }

    /// Refuses to go on when what is locked is no longer what others would lock.
    pub(crate) fn check(&self, disk: &Disk) -> Result<(), Error> {
        [&self.directory, &self.note].into_iter().try_for_each(|held| {
            if disk.identity_at(&held.path)?.is_some_and(|found| found.is(&held.identity)) {
                return Ok(());
            }
            Err(Error::Disturbed { path: held.path.clone(), found: "is not what was locked there" })
        })
    }
}

fn hold(disk: &Disk, file: File, path: PathBuf) -> Result<Held, Error> {
    let identity = disk.identity(&file, &path)?;
    Ok(Held { path, identity, _file: file })
}

fn locked(disk: &Disk, layout: &Layout) -> Error {
    let holder = disk.read_if_there(&layout.lock()).map(|note| match note {
        Some(note) if note.is_empty() => "it is just starting".to_owned(),
        Some(note) => String::from_utf8_lossy(&note).trim().to_owned(),
        None => "its note in `.kalends/lock` was deleted".to_owned(),
    });
    holder.map_or_else(|error| error, |holder| Error::Locked { path: layout.root().to_owned(), holder })
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "an unnamed host".to_owned() } else { name.to_owned() }
}
