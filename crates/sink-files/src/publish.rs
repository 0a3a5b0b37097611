use std::{collections::BTreeSet, path::Path};

use crate::{
    disk::{Disk, Identity},
    error::Error,
    layout::{self, Layout},
    manifest::Publication,
};

/// Refuses to go on when a file's name is taken.
pub(crate) fn check_free(disk: &Disk, layout: &Layout, files: &[Publication]) -> Result<(), Error> {
    files.iter().map(|file| layout.published(&file.file)).try_for_each(|path| check_name(disk, &path))
}

/// A part that is complete, and the file that has its bytes.
pub(crate) struct Finished {
    pub(crate) publication: Publication,
    pub(crate) identity: Identity,
}

/// Refuses to go on when a part's name no longer is the file that was written.
pub(crate) fn check_parts(disk: &Disk, layout: &Layout, parts: &[Finished]) -> Result<(), Error> {
    parts.iter().try_for_each(|part| {
        let path = layout.part(&part.publication.part);
        let found = match disk.identity_at(&path)? {
            Some(found) if found == part.identity => return Ok(()),
            Some(_) => "is not what was written there",
            None => "is gone",
        };
        Err(Error::Disturbed { path, found })
    })
}

/// Meaning of a part of the manifest that is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Absent {
    /// An earlier life renamed it.
    Published,
    /// It was there when the manifest was stored, and nobody has renamed it: nothing is renamed then, so that the
    /// commit can be taken back.
    Lost,
}

/// Renames the parts of a commit into place, and makes their names durable. Returns how many there were.
pub(crate) fn publish(
    disk: &Disk,
    layout: &Layout,
    files: &[Publication],
    absent: Absent,
) -> Result<usize, Error> {
    let mut waiting = Vec::new();
    for file in files {
        let (part, path) = (layout.part(&file.part), layout.published(&file.file));
        match (disk.exists(&part)?, absent) {
            (true, _) => {
                check_name(disk, &path)?;
                waiting.push((part, path));
            }
            (false, Absent::Published) => {}
            (false, Absent::Lost) => return Err(Error::Disturbed { path: part, found: "is gone" }),
        }
    }
    make_folders(disk, layout, waiting.iter().map(|(_, path)| path.as_path()))?;
    waiting.iter().try_for_each(|(part, path)| disk.rename(part, path))?;
    if !waiting.is_empty() {
        sync_days(disk, layout, files)?;
        disk.sync_directory(&layout.hidden())?;
    }
    Ok(waiting.len())
}

/// Makes the names of published files durable.
///
/// A process may have died between a rename and this. It comes before the next fsync of `.kalends`, which could make
/// the loss of the old names durable without the new ones, and before the next manifest, which forgets these files.
pub(crate) fn sync_days(disk: &Disk, layout: &Layout, files: &[Publication]) -> Result<(), Error> {
    let paths: Vec<_> = files.iter().map(|file| layout.published(&file.file)).collect();
    let days: BTreeSet<_> = paths.iter().flat_map(|path| folders(layout, path).take(1)).collect();
    // A loader may have removed a folder that it emptied.
    days.iter().try_for_each(|day| disk.sync_directory_if_there(day))
}

/// Makes the folders of these files durable, before anything moves there from where it is safe.
fn make_folders<'a>(
    disk: &Disk,
    layout: &Layout,
    files: impl Iterator<Item = &'a Path>,
) -> Result<(), Error> {
    let mut parents = BTreeSet::new();
    for file in files {
        let mut folders = folders(layout, file);
        folders.next().map_or(Ok(()), |day| disk.create_directories(day))?;
        parents.extend(folders);
    }
    parents.iter().try_for_each(|folder| disk.sync_directory_if_there(folder))
}

/// A published file's folders: its day's, its topic's, and the destination's.
fn folders<'a>(layout: &Layout, file: &'a Path) -> impl Iterator<Item = &'a Path> {
    file.ancestors().skip(1).take_while(|folder| folder.starts_with(layout.root()))
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

fn check_name(disk: &Disk, path: &Path) -> Result<(), Error> {
    if disk.exists(path)? { Err(Error::Exists { path: path.to_owned() }) } else { Ok(()) }
}
