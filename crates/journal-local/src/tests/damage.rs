//! Whatever byte is flipped and wherever a file is cut: it is found, and what is undamaged is read again after a repair.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tokio::task::JoinSet;

use super::*;
use crate::{
    Verification,
    fsck::{repair::repair_on, verify::verify_on},
};

pub(super) type Frames = Vec<(u64, Vec<u8>)>;

pub(super) fn small() -> Settings {
    Settings { segment_bytes: 400, ..settings() }
}

/// A journal of several segments, with groups of one and of several frames; as it is on disk and as it reads.
pub(super) fn journal(closed: bool) -> (Memory, Frames) {
    // Checksums that end in a zero would be taken for the zeros at the end of a file.
    let disk = Memory::seeded(1);
    let journal = open(&disk, &small()).unwrap();
    fill(&journal, &disk, 0);
    journal.close().unwrap();
    // A seal in the middle of a segment.
    let journal = open(&disk, &small()).unwrap();
    fill(&journal, &disk, 8);
    let frames = read_all(&*journal.log());
    let killed = trimmed(&disk);
    journal.close().unwrap();
    assert!(segments(&disk).len() > 3);
    (if closed { trimmed(&disk) } else { killed }, frames)
}

fn fill(journal: &Journal, disk: &Memory, from: u8) {
    for group in 0..2 {
        runtime().block_on(async {
            disk.hold_syncs();
            let mut appends = JoinSet::new();
            for number in 0..4 {
                let (appender, number) = (journal.appender(), from + group * 4 + number);
                let payload = Bytes::from(vec![number; 5 + usize::from(number)]);
                appends.spawn(async move { appender.append(i64::from(number), payload).await });
                tokio::task::yield_now().await;
                // The first is a group by itself; the others wait for it and are the next.
                assert!(disk.holds_a_sync());
            }
            disk.let_sync();
            assert!(appends.join_all().await.iter().all(Result::is_ok));
        });
    }
}

/// The same disk without the zeros at the ends of files.
pub(super) fn trimmed(disk: &Memory) -> Memory {
    let copy = disk.copy();
    for path in segments(disk) {
        copy.put(&path, &disk.written(&path));
    }
    copy
}

pub(super) fn verified(disk: &Memory) -> Result<Verification, OpenError> {
    verify_on(disk, Path::new(PLACE), |_, _| {})
}

pub(super) fn repaired(disk: &Memory) -> crate::fsck::repair::Repair {
    repair_on(disk, Path::new(PLACE)).unwrap()
}

/// Damage is found, opening refuses or gives a true prefix, and after a repair everything but the reported positions reads
/// as it was, and appends go on. Returns the positions that were lost.
fn check(disk: &Memory, expected: &Frames, place: &str) -> BTreeSet<u64> {
    let found = verified(disk).unwrap_or_else(|error| panic!("{place}: {error}"));
    if let Ok(journal) = open(&disk.copy(), &small()) {
        let mut reader = journal.log().read_after(0);
        let mut read = Frames::new();
        while let Ok(Some(frame)) = reader.next() {
            read.push((frame.position, frame.payload.to_vec()));
        }
        assert!(expected.starts_with(&read), "{place}: no true prefix");
        assert!(!found.damage.is_empty() || found.frames == u64::try_from(read.len()).unwrap(), "{place}");
    } else {
        assert!(!found.damage.is_empty(), "{place}: refused, but verified");
    }
    let report = repaired(disk);
    assert_eq!(report.damage, found.damage, "{place}");
    let after = verified(disk).unwrap();
    assert_eq!((&after.damage, after.frames, after.last), (&vec![], found.frames, found.last), "{place}");

    let lost: BTreeSet<u64> = found.damage.iter().filter_map(|d| d.positions.clone()).flatten().collect();
    let journal = open(disk, &small()).unwrap_or_else(|error| panic!("{place}: {error}"));
    let rest = |frames: &Frames| -> Frames {
        frames.iter().filter(|(at, _)| *at <= found.last && !lost.contains(at)).cloned().collect()
    };
    assert_eq!(read_all(&*journal.log()), rest(expected), "{place}");
    for position in 0..=found.last {
        let next = read(&*journal.log(), position).unwrap().first().map(|(at, _)| *at);
        assert_eq!(
            next,
            (position + 1..=found.last).find(|at| !lost.contains(at)),
            "{place}: after {position}"
        );
    }
    assert_eq!(append(&journal, 0, b"more"), Ok(found.last + 1), "{place}");
    journal.close().unwrap();
    let mut all = rest(expected);
    all.push((found.last + 1, b"more".to_vec()));
    assert_eq!(read_all(&*open(disk, &small()).unwrap().log()), all, "{place}");
    lost
}

#[test]
fn a_sound_journal_verifies_and_a_repair_changes_nothing() {
    for closed in [false, true] {
        let (disk, frames) = journal(closed);
        let found = verified(&disk).unwrap();
        assert_eq!((&found.damage, &found.gaps, &found.tail), (&vec![], &vec![], &None));
        assert_eq!((found.first, found.last, found.frames), (1, 16, 16));
        let before: Vec<_> = segments(&disk).iter().map(|path| disk.bytes(path)).collect();
        assert_eq!(repaired(&disk), crate::fsck::repair::Repair::default());
        assert_eq!(segments(&disk).iter().map(|path| disk.bytes(path)).collect::<Vec<_>>(), before);
        assert!(check(&disk, &frames, "sound").is_empty());
    }
}

#[test]
fn every_flipped_byte_is_found_and_costs_at_most_one_frame() {
    for closed in [false, true] {
        let (original, frames) = journal(closed);
        for path in segments(&original) {
            let bytes = original.bytes(&path);
            for index in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[index] ^= 0x40;
                let disk = original.copy();
                disk.put(&path, &flipped);
                let place = format!("{} byte {index}, closed {closed}", path.display());
                let found = verified(&disk).unwrap();
                assert!(!found.damage.is_empty() || found.tail.is_some(), "{place}: not found");
                let lost = check(&disk, &frames, &place);
                assert!(lost.len() <= 1, "{place}: {lost:?}");
            }
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_found_or_ends_earlier() {
    for closed in [false, true] {
        let (original, frames) = journal(closed);
        for path in segments(&original) {
            let bytes = original.bytes(&path);
            for length in 0..bytes.len() {
                let disk = original.copy();
                disk.put(&path, &bytes[..length]);
                let place = format!("{} cut at {length}, closed {closed}", path.display());
                let sealed = segments(&original).last() != Some(&path);
                let found = !verified(&disk).unwrap().damage.is_empty();
                let lost = check(&disk, &frames, &place);
                // Of two seals one is enough.
                let harmless = lost.is_empty() && length == bytes.len() - 40;
                assert!(!sealed || found || harmless, "{place}: not found");
            }
        }
    }
}

#[test]
fn a_missing_segment_is_a_gap() {
    let (original, frames) = journal(true);
    let paths = segments(&original);
    for missing in &paths[1..paths.len() - 1] {
        let disk = original.copy();
        crate::storage::Storage::remove(&disk, missing).unwrap();
        let lost = check(&disk, &frames, &missing.display().to_string());
        assert!(!lost.is_empty());
    }
}

#[test]
fn a_segment_that_belongs_elsewhere_is_left_alone() {
    let (disk, _) = journal(true);
    let paths = segments(&disk);
    let bytes = disk.bytes(&paths[1]);
    let stray = Path::new(PLACE).join("00000000000000000099.log");
    disk.put(&stray, &bytes);
    match repair_on(&disk, Path::new(PLACE)).unwrap_err() {
        OpenError::Damaged { file, .. } => assert_eq!(file, stray),
        error => panic!("{error}"),
    }
    assert_eq!(disk.bytes(&stray), bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whole blocks of anything, in several places: what reads after a repair is true, in order and in its place.
    #[test]
    fn wiped_blocks_cost_only_what_they_hit(
        closed in any::<bool>(),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..300_usize, any::<u8>()), 1..4),
    ) {
        let (disk, frames) = journal(closed);
        let paths = segments(&disk);
        for (segment, start, length, with) in wounds {
            let path = segment.get(&paths);
            let mut bytes = disk.bytes(path);
            let start = start.index(bytes.len());
            let end = bytes.len().min(start + length);
            bytes[start..end].fill(with);
            disk.put(path, &bytes);
        }
        // What passes for a newer version's segment is left alone.
        if !matches!(verified(&disk), Err(OpenError::Version { .. })) {
            check(&disk, &frames, "wiped");
        }
    }
}
