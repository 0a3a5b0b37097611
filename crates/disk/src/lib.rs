//! What can be said of a directory before it is used.

use std::path::{Path, PathBuf};

use kalends_value::Size;
use rustix::{
    fs::{Access, access, statfs, statvfs},
    io::Errno,
};

/// What was found out about a directory.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is on, and what is to be known of that.
    pub notes: Vec<String>,
    /// Why it can't be used, and what to do.
    pub wrong: Vec<String>,
}

/// What file systems say they are, and what is to be known of some for what must not be lost.
const FILE_SYSTEMS: [(u64, &str, Option<&str>); 11] = [
    (0xEF53, "ext4", None),
    (0x5846_5342, "xfs", None),
    (0x9123_683E, "btrfs", None),
    (0x2FC1_2FC1, "zfs", None),
    (0xF2F5_2010, "f2fs", None),
    (0x0102_1994, "tmpfs", Some("memory: what it holds is gone with the machine's power")),
    (0x8584_58F6, "ramfs", Some("memory: what it holds is gone with the machine's power")),
    (
        0x794C_7630,
        "overlayfs",
        Some("a container's own layer: what it holds goes with the container; mount a volume"),
    ),
    (0x6969, "nfs", Some("a network's: locks and syncs are as good as its server keeps them")),
    (0xFE53_4D42, "smb", Some("a network's: locks and syncs are as good as its server keeps them")),
    (0x6573_5546, "fuse", Some("a program's: syncs are as good as that program keeps them")),
];

/// Whether a directory can be made and written. Makes nothing.
#[must_use]
pub fn directory(path: &Path) -> Found {
    let mut report = Found::default();
    let there = nearest(path);
    let name = there.display();
    if !there.is_dir() {
        report.wrong.push(format!(
            "{name} is no directory, so that {} can't be one: write another path",
            path.display()
        ));
        return report;
    }
    if let Err(error) = access(&there, Access::WRITE_OK | Access::EXEC_OK) {
        let what = match error {
            Errno::ROFS => "is on a file system that is mounted read-only: mount it for writing",
            _ => "can't be written by this user: give it the right (chown, chmod), or run as its owner",
        };
        report.wrong.push(format!("{name} {what}"));
        return report;
    }
    let made = if there == path { "" } else { ", will be made" };
    let (kind, warning) = file_system(&there);
    let room = free(path).map_or_else(|| "an unknown room".to_owned(), Size::told);
    report.notes.push(format!("{}{made} on {kind}, {room} free", path.display()));
    report.notes.extend(warning.map(|warning| format!("{} is on {kind}: {warning}", path.display())));
    report
}

/// The directory itself, or the lowest of those above it that is there.
fn nearest(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = whole.ancestors().find(|place| place.symlink_metadata().is_ok());
    if path.symlink_metadata().is_ok() {
        return path.to_owned();
    }
    there.unwrap_or(Path::new("/")).to_owned()
}

/// How many bytes are free for what is to stand at `path`; `None` where the system does not say.
#[must_use]
pub fn free(path: &Path) -> Option<u64> {
    let room = statvfs(nearest(path)).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

fn file_system(path: &Path) -> (&'static str, Option<&'static str>) {
    // The type's own is signed or not by architecture; only its lowest 32 bits say anything.
    let magic =
        statfs(path).ok().and_then(|found| u64::try_from(found.f_type).ok()).map(|magic| magic & 0xFFFF_FFFF);
    let known = FILE_SYSTEMS.iter().find(|(known, ..)| Some(*known) == magic);
    known.map_or(("a file system of an unknown kind", None), |(_, name, warning)| (*name, *warning))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_directory_that_can_be_made_is_not_made() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/b");
        let report = directory(&path);
        assert!(report.wrong.is_empty(), "{report:?}");
        assert!(report.notes.first().is_some_and(|note| note.contains("will be made")), "{report:?}");
        assert!(!place.path().join("a").exists());
    }

    #[test]
    fn a_file_in_the_way_is_told() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("file"), "").unwrap();
        let report = directory(&place.path().join("file/events"));
        assert!(report.wrong.first().is_some_and(|wrong| wrong.contains("no directory")), "{report:?}");
    }
}
