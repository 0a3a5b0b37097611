use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    disk::Disk,
    error::Error,
    layout::{self, Layout},
    manifest::Publication,
};

/// Refuses to go on when a file's name is taken.
pub(crate) fn check_free(disk: &Disk, layout: &Layout, files: &[Publication]) -> Result<(), Error> {
    files.iter().map(|file| layout.published(&file.file)).try_for_each(|path| check_name(disk, path))
}

/// Renames the parts of a commit into place, and makes their names durable. Returns how many there were.
///
/// A part that is gone was renamed before. Its directories are fsynced all the same: the process that renamed it may have
/// died before it came to that, and the next commit forgets this one's files.
pub(crate) fn publish(disk: &Disk, layout: &Layout, files: &[Publication]) -> Result<usize, Error> {
    let mut published = 0;
    let mut changed = BTreeSet::new();
    for file in files {
        let (part, path) = (layout.part(&file.part), layout.published(&file.file));
        if disk.exists(&part)? {
            check_name(disk, path.clone())?;
            path.parent().map_or(Ok(()), |day| disk.create_directories(day))?;
            disk.rename(&part, &path)?;
            published += 1;
        }
        let below_root = path.ancestors().skip(1).take_while(|folder| *folder != layout.root());
        changed.extend(below_root.map(Path::to_owned));
    }
    if !changed.is_empty() {
        changed.extend([layout.root().to_owned(), layout.hidden()]);
    }
    // A loader may have removed a folder that it emptied.
    changed.iter().try_for_each(|folder| disk.sync_directory_if_there(folder))?;
    Ok(published)
}

/// Removes every part; returns how many there were.
pub(crate) fn drop_parts(disk: &Disk, layout: &Layout) -> Result<usize, Error> {
    let hidden = layout.hidden();
    let names = disk.list_if_there(&hidden)?;
    let parts = names.iter().map(Path::new).filter(|name| layout::is_part(name));
    let mut dropped = 0;
    for part in parts {
        disk.remove(&hidden.join(part))?;
        dropped += 1;
    }
    Ok(dropped)
}

fn check_name(disk: &Disk, path: PathBuf) -> Result<(), Error> {
    if disk.exists(&path)? { Err(Error::Exists { path }) } else { Ok(()) }
}
