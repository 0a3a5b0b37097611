//! The identity stands twice: of one file nothing is missed, of both nothing is made up.

use super::{
    damage::{Frames, journal, repaired, small, trimmed, verified},
    deaths::dying_anywhere,
    *,
};
use crate::{
    fsck::{read_only::inspect_on, repair::repair_on},
    storage::Storage,
};

fn own() -> PathBuf {
    Path::new(PLACE).join("journal.id")
}

fn copy() -> PathBuf {
    Path::new(PLACE).join("journal.id.copy")
}

fn bytes(disk: &Memory) -> [Vec<u8>; 2] {
    [own(), copy()].map(|path| disk.bytes(&path))
}

/// Removes a file so that no power cut brings it back.
fn remove(disk: &Memory, path: &Path) {
    Storage::remove(disk, path).unwrap();
    disk.sync_directory(Path::new(PLACE)).unwrap();
}

/// Another journal's identity.
fn foreign() -> Vec<u8> {
    let other = Memory::new();
    drop(opened(&other));
    other.bytes(&own())
}

/// Whoever looks finds it and reads on; a repair restores it; then everything is as it was.
fn is_restored(disk: &Memory, path: &Path, frames: &Frames, whole: &[u8], place: &str) {
    let wrong = disk.list_or_nothing(Path::new(PLACE)).iter().any(|name| path.ends_with(name));
    let wrong = if wrong { disk.bytes(path) } else { Vec::new() };
    let found = verified(disk).unwrap_or_else(|error| panic!("{place}: {error}"));
    let places: Vec<_> =
        found.damage.iter().map(|d| (&*d.file, d.offset, d.bytes, d.positions.clone())).collect();
    assert_eq!(places, [(path, 0, u64::try_from(wrong.len()).unwrap(), None)], "{place}");
    let inspection = inspect_on(Arc::new(disk.clone()), Path::new(PLACE)).unwrap();
    assert_eq!(read_all(inspection.log()), *frames, "{place}");
    let report = repaired(disk);
    assert_eq!(report.damage, found.damage, "{place}");
    let aside: Vec<_> = report.set_aside.iter().map(|path| disk.bytes(path)).collect();
    assert_eq!(aside, if wrong.is_empty() { vec![] } else { vec![wrong] }, "{place}");
    disk.crash(|_| 0);
    assert_eq!(bytes(disk), [whole, whole], "{place}");
    assert_eq!(read_all(&*open(disk, &small()).unwrap().log()), *frames, "{place}");
}

#[test]
fn a_damaged_identity_is_found_and_restored_from_its_copy() {
    let (original, frames) = journal(true);
    let whole = original.bytes(&own());
    for index in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[index] ^= 0x40;
        for wrong in [flipped, whole[..index].to_vec()] {
            let disk = original.copy();
            disk.put(&own(), &wrong);
            assert!(open(&disk, &small()).is_err(), "byte {index}");
            assert_eq!(disk.bytes(&own()), wrong, "a start restores nothing");
            is_restored(&disk, &own(), &frames, &whole, &format!("byte {index}"));
        }
    }
}

#[test]
fn a_damaged_copy_is_found_and_written_anew_by_a_repair_or_the_next_start() {
    let (original, frames) = journal(true);
    let whole = original.bytes(&own());
    for index in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[index] ^= 0x40;
        let disk = original.copy();
        disk.put(&copy(), &flipped);
        let started = disk.copy();
        drop(open(&started, &small()).unwrap());
        assert_eq!(bytes(&started), [&*whole, &*whole], "byte {index}");
        is_restored(&disk, &copy(), &frames, &whole, &format!("byte {index}"));
    }
}

#[test]
fn a_missing_identity_is_restored_from_its_copy() {
    let (disk, frames) = journal(true);
    let whole = disk.bytes(&own());
    remove(&disk, &own());
    assert!(matches!(open(&disk, &small()), Err(OpenError::IdentityMissing { .. })));
    is_restored(&disk, &own(), &frames, &whole, "missing");
}

#[test]
fn a_missing_copy_is_no_damage_and_made_by_the_next_start() {
    let (disk, frames) = journal(true);
    let whole = disk.bytes(&own());
    remove(&disk, &copy());
    assert_eq!(verified(&disk).unwrap().damage, []);
    assert_eq!(read_all(&*open(&disk, &small()).unwrap().log()), frames);
    disk.crash(|_| 0);
    assert_eq!(bytes(&disk), [&*whole, &*whole]);
}

#[test]
fn of_two_identities_the_one_that_the_segments_bear_out_is_restored() {
    let (original, frames) = journal(true);
    let whole = original.bytes(&own());
    for path in [own(), copy()] {
        let disk = original.copy();
        disk.put(&path, &foreign());
        assert!(matches!(open(&disk, &small()), Err(OpenError::Damaged { file, .. }) if file == copy()));
        is_restored(&disk, &path, &frames, &whole, &path.display().to_string());
    }
}

/// The secret alone is another: without it every group would look like a torn write.
#[test]
fn an_identity_of_the_same_name_and_another_secret_is_not_believed() {
    let (original, frames) = journal(true);
    let whole = original.bytes(&own());
    let mut wrong = whole.clone();
    wrong[33] ^= 1;
    let checksum = xxhash_rust::xxh3::xxh3_64(&wrong[..40]).to_le_bytes();
    wrong[40..].copy_from_slice(&checksum);
    for path in [own(), copy()] {
        let disk = original.copy();
        disk.put(&path, &wrong);
        open(&disk, &small()).unwrap_err();
        is_restored(&disk, &path, &frames, &whole, &path.display().to_string());
    }
}

#[test]
fn nothing_is_made_up_where_no_identity_is_left() {
    let (original, _) = journal(true);
    let mut flipped = original.bytes(&own());
    flipped[20] ^= 1;
    for held in [Some(flipped), None] {
        for copied in [held.clone(), Some(foreign())] {
            let disk = original.copy();
            for (path, bytes) in [(own(), &held), (copy(), &copied)] {
                match bytes {
                    Some(bytes) => disk.put(&path, bytes),
                    None => remove(&disk, &path),
                }
            }
            let before = disk.list_or_nothing(Path::new(PLACE));
            verified(&disk).unwrap_err();
            open(&disk, &small()).unwrap_err();
            repair_on(&disk, Path::new(PLACE)).unwrap_err();
            assert_eq!(disk.list_or_nothing(Path::new(PLACE)), before);
        }
    }
}

#[test]
fn a_restoration_that_dies_anywhere_is_finished_by_the_next() {
    let (disk, frames) = journal(true);
    let whole = disk.bytes(&own());
    disk.put(&own(), &foreign());
    let restore = |disk: &Memory| repair_on(disk, Path::new(PLACE));
    let operations = dying_anywhere(&disk, restore, |disk, step| {
        repaired(disk);
        assert_eq!(bytes(disk), [&*whole, &*whole], "died at step {step}");
        assert_eq!(read_all(&*open(disk, &small()).unwrap().log()), frames, "died at step {step}");
    });
    assert!(operations > 5);
}

#[test]
fn a_first_start_that_dies_anywhere_is_followed_by_one_that_works() {
    let start = |disk: &Memory| open(disk, &small());
    let operations = dying_anywhere(&Memory::new(), start, |disk, step| {
        let journal = start(disk).unwrap_or_else(|error| panic!("died at step {step}: {error}"));
        append_many(&journal, 0..2);
        drop(journal);
        assert_eq!(disk.bytes(&own()), disk.bytes(&copy()));
        assert_eq!(read_all(&*start(&trimmed(disk)).unwrap().log()).len(), 2);
    });
    assert!(operations > 5);
}
