use super::{
    damage::{Frames, journal, repaired, small, trimmed, verified},
    deaths::dying_anywhere,
    *,
};
use kalends_journal::Chain;

use crate::{fsck::repair::repair_on, storage::Storage};

/// A journal with damage in the middle of a sealed segment, in a segment's header and in the last segment; a torn tail too.
fn damaged() -> (Memory, Frames) {
    let (disk, _) = journal(true);
    let longer = Settings { segment_bytes: 10_000, ..small() };
    let journal = open(&disk, &longer).unwrap();
    append_many(&journal, 50..54);
    let frames = read_all(&*journal.log());
    let disk = trimmed(&disk);
    let paths = segments(&disk);
    let wound = |path: &Path, range: std::ops::Range<usize>| {
        let mut bytes = disk.bytes(path);
        bytes[range].fill(0xEE);
        disk.put(path, &bytes);
    };
    wound(&paths[0], 150..260);
    wound(&paths[1], 0..20);
    let (last, length) = (paths.last().unwrap(), disk.bytes(paths.last().unwrap()).len());
    wound(last, length - 300..length - 250);
    disk.put(last, &disk.bytes(last)[..length - 3]);
    (disk, frames)
}

fn contents(disk: &Memory) -> Vec<(PathBuf, Vec<u8>)> {
    segments(disk).into_iter().map(|path| (path.clone(), disk.bytes(&path))).collect()
}

#[test]
fn damaged_bytes_are_set_aside_and_never_deleted() {
    let (disk, _) = damaged();
    let before: Vec<_> = contents(&disk);
    let report = repaired(&disk);
    assert!(report.damage.len() >= 3, "{report:?}");
    for place in &report.damage {
        let (_, bytes) = before.iter().find(|(path, _)| *path == place.file).unwrap();
        let start = usize::try_from(place.offset).unwrap();
        let wanted = &bytes[start..start + usize::try_from(place.bytes).unwrap()];
        assert!(wanted.is_empty() || report.set_aside.iter().any(|path| disk.bytes(path) == wanted));
    }
}

#[test]
fn a_repair_that_dies_anywhere_is_finished_by_the_next() {
    let (disk, _) = damaged();
    let whole = disk.copy();
    repaired(&whole);
    let repair = |disk: &Memory| repair_on(disk, Path::new(PLACE));
    let operations = dying_anywhere(&disk, repair, |disk, step| {
        repaired(disk);
        assert_eq!(contents(disk), contents(&whole), "died at step {step}");
    });
    assert!(operations > 10);
}

#[test]
fn a_repair_that_has_returned_survives_a_power_cut() {
    let (disk, _) = damaged();
    repaired(&disk);
    let after = contents(&disk);
    disk.crash(|_| 0);
    assert_eq!(contents(&disk), after);
}

#[test]
fn a_repair_needs_the_lock() {
    let (disk, _) = damaged();
    let lock = disk.lock(&Path::new(PLACE).join("LOCK")).unwrap();
    assert!(matches!(repair_on(&disk, Path::new(PLACE)), Err(OpenError::Locked { .. })));
    drop(lock);
    repaired(&disk);
}

#[test]
fn nothing_is_repaired_where_there_is_no_journal() {
    let place = tempfile::tempdir().unwrap();
    for directory in [place.path().to_owned(), place.path().join("missing")] {
        assert!(matches!(crate::repair(&directory), Err(OpenError::NoJournal { .. })));
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn the_chain_of_a_missing_frame_is_lost_and_that_of_every_other_one_stays() {
    let (disk, _) = journal(true);
    let before = open(&disk.copy(), &small()).unwrap().log();
    let path = segments(&disk)[0].clone();
    let mut bytes = disk.bytes(&path);
    bytes[120..280].fill(0);
    disk.put(&path, &bytes);
    repaired(&disk);
    let gap = verified(&disk).unwrap().gaps[0].positions.clone();
    let journal = open(&disk, &small()).unwrap();
    let log = journal.log();
    assert!(gap.end() > gap.start());
    for position in 0..=16 {
        let inside = gap.contains(&position) && position != *gap.end();
        let expected = if inside { Chain::Lost } else { before.chain_at(position).unwrap() };
        assert_eq!(log.chain_at(position).unwrap(), expected, "{position}");
    }
}

#[test]
fn a_reader_at_the_end_stands_behind_a_gap_there() {
    let (disk, _) = journal(true);
    let path = segments(&disk).pop().unwrap();
    let mut bytes = disk.bytes(&path);
    let last_payload = bytes.len() - 41;
    bytes[last_payload] ^= 1;
    disk.put(&path, &bytes);
    assert_eq!(repaired(&disk).damage[0].positions, Some(16..=16));
    let journal = open(&disk, &small()).unwrap();
    let log = journal.log();
    assert_eq!((log.synced().position, log.last_frame().position), (16, 15));
    let mut reader = log.read_after(14);
    assert_eq!(reader.next().unwrap().unwrap().position, 15);
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!(reader.position(), 16);
    assert_eq!(append(&journal, 0, b"more"), Ok(17));
    assert_eq!(reader.next().unwrap().unwrap().position, 17);
    assert_eq!(log.last_frame(), log.synced());
}

#[test]
fn a_repaired_journal_may_be_damaged_and_repaired_again() {
    let (disk, _) = damaged();
    repaired(&disk);
    let before = verified(&disk).unwrap();
    for (path, bytes) in contents(&disk) {
        for index in 72..bytes.len() {
            let again = disk.copy();
            let mut flipped = bytes.clone();
            flipped[index] ^= 1;
            again.put(&path, &flipped);
            let found = verified(&again).unwrap();
            assert!(!found.damage.is_empty() || found.tail.is_some(), "{} byte {index}", path.display());
            repaired(&again);
            let after = verified(&again).unwrap();
            assert!(after.damage.is_empty() && after.frames + 1 >= before.frames);
            read_all(&*open(&again, &small()).unwrap().log());
        }
    }
}

/// An operator repairs as root, and the daemon is somebody else.
#[test]
fn a_repair_by_root_leaves_every_file_to_the_owner_of_the_directory() {
    use std::os::unix::fs::{MetadataExt, chown};

    const NOBODY: u32 = 65_534;
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("journal");
    let journal = Journal::open(Settings::new(&directory), Metrics::default()).unwrap();
    append_many(&journal, 0..3);
    journal.close().unwrap();
    let segment = directory.join("00000000000000000001.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    chown(&directory, Some(NOBODY), Some(NOBODY)).unwrap();
    assert!(!crate::repair(&directory).unwrap().damage.is_empty());
    for path in [segment, directory.join("set-aside")] {
        assert_eq!(std::fs::metadata(&path).unwrap().uid(), NOBODY, "{}", path.display());
    }
    let kept = std::fs::read_dir(directory.join("set-aside")).unwrap().next().unwrap().unwrap();
    assert_eq!(kept.metadata().unwrap().uid(), NOBODY);
}
