use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::fsck::read_only::inspect_on;

/// A journal of `count` one-frame groups that was killed: no seal at its end.
fn killed(count: i64) -> Memory {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, 0..count);
    let copy = disk.copy();
    drop(journal);
    copy
}

fn last_segment(disk: &Memory) -> (PathBuf, Vec<u8>) {
    let path = segments(disk).pop().unwrap();
    let bytes = disk.written(&path);
    (path, bytes)
}

fn set_aside(disk: &Memory) -> Vec<PathBuf> {
    let place = Path::new(PLACE).join("set-aside");
    disk.list_or_nothing(&place).into_iter().map(|name| place.join(name)).collect()
}

#[test]
fn a_torn_tail_is_cut_and_set_aside() {
    for torn in 1..168 {
        let disk = killed(3);
        let (path, bytes) = last_segment(&disk);
        disk.put(&path, &bytes[..bytes.len() - torn]);
        let journal = opened(&disk);
        assert_eq!(read_all(&*journal.log()).len(), 2, "{torn} bytes torn off");
        let cut = &bytes[bytes.len() - 168..bytes.len() - torn];
        let aside = disk.bytes(&set_aside(&disk)[0]);
        assert!(cut.starts_with(&aside) && cut[aside.len()..].iter().all(|byte| *byte == 0));
        assert_eq!(append(&journal, 0, b"more"), Ok(3));
        journal.close().unwrap();
        assert_eq!(read_all(&*opened(&disk).log()).len(), 3);
    }
}

#[test]
fn valid_frames_of_a_torn_group_are_kept() {
    let disk = Memory::new();
    let journal = opened(&disk);
    runtime().block_on(async {
        disk.hold_syncs();
        let appender = journal.appender();
        let mut appends = tokio::task::JoinSet::new();
        for number in 0..6_u8 {
            let appender = appender.clone();
            appends.spawn(async move { appender.append(0, Bytes::from(vec![number; 50])).await });
        }
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        disk.let_sync();
        appends.join_all().await;
    });
    let all = read_all(&*journal.log());
    let copy = disk.copy();
    drop(journal);
    let (path, bytes) = last_segment(&copy);
    copy.put(&path, &bytes[..bytes.len() - 10]);
    let journal = opened(&copy);
    assert_eq!(read_all(&*journal.log()), all[..5]);
    assert_eq!(append(&journal, 0, b"more"), Ok(6));
    journal.close().unwrap();
    assert_eq!(read_all(&*opened(&copy).log())[..5], all[..5]);
}

#[test]
fn a_preallocated_tail_of_zeros_is_no_tail() {
    let disk = killed(2);
    let (path, mut bytes) = last_segment(&disk);
    bytes.resize(bytes.len() + 5000, 0);
    disk.put(&path, &bytes);
    assert!(inspect_on(Arc::new(disk.clone()), Path::new(PLACE)).unwrap().tail().is_none());
    let journal = opened(&disk);
    assert_eq!(read_all(&*journal.log()).len(), 2);
    assert!(set_aside(&disk).is_empty());
}

#[test]
fn damage_behind_which_a_header_proves_a_sync_is_refused_and_nothing_is_changed() {
    let disk = killed(3);
    let (path, mut bytes) = last_segment(&disk);
    let offset = 72 + 168 + 40 + 60;
    bytes[offset] ^= 1;
    disk.put(&path, &bytes);
    let names = disk.names(Path::new(PLACE));
    match open(&disk, &settings()).unwrap_err() {
        OpenError::Damaged { file, offset, .. } => assert_eq!((file, offset), (path.clone(), 72 + 168 + 40)),
        error => panic!("{error}"),
    }
    assert_eq!(disk.bytes(&path), bytes);
    assert_eq!(disk.names(Path::new(PLACE)), names);
    let inspection = inspect_on(Arc::new(disk), Path::new(PLACE)).unwrap();
    assert!(inspection.tail().unwrap().synced);
    assert_eq!(read_all(inspection.log()).len(), 1);
}

#[test]
fn a_seal_proves_the_last_group() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, 0..2);
    journal.close().unwrap();
    let path = segments(&disk).pop().unwrap();
    // The seal's last byte may be zero as well.
    let mut bytes = disk.bytes(&path);
    let last_payload = bytes.len() - 40 - 1;
    bytes[last_payload] ^= 1;
    disk.put(&path, &bytes);
    assert!(matches!(open(&disk, &settings()), Err(OpenError::Damaged { .. })));
}

#[test]
fn a_segment_that_is_missing_in_the_middle_is_damage() {
    let disk = killed(20);
    let missing = segments(&disk)[1].clone();
    let next = segments(&disk)[2].clone();
    crate::storage::Storage::remove(&disk, &missing).unwrap();
    match open(&disk, &settings()).unwrap_err() {
        OpenError::Damaged { file, .. } => assert_eq!(file, next),
        error => panic!("{error}"),
    }
}

#[test]
fn an_earlier_segment_that_lost_its_end_is_damage() {
    let disk = killed(20);
    let path = segments(&disk)[0].clone();
    let bytes = disk.bytes(&path);
    disk.put(&path, &bytes[..bytes.len() - 60]);
    match open(&disk, &settings()).unwrap_err() {
        OpenError::Damaged { file, .. } => assert_eq!(file, path),
        error => panic!("{error}"),
    }
}

#[test]
fn an_earlier_segment_that_lost_only_its_seal_is_whole() {
    let disk = killed(20);
    let path = segments(&disk)[0].clone();
    let bytes = disk.bytes(&path);
    disk.put(&path, &bytes[..bytes.len() - 40]);
    assert_eq!(read_all(&*opened(&disk).log()).len(), 20);
}

#[test]
fn a_second_writer_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let settings = Settings { directory: place.path().to_owned(), ..settings() };
    let journal = Journal::open(settings.clone(), Metrics::default()).unwrap();
    let refused = Journal::open(settings.clone(), Metrics::default()).unwrap_err();
    assert!(matches!(refused, OpenError::Locked { .. }), "{refused}");
    append_many(&journal, 0..3);
    let inspection = crate::inspect(place.path()).unwrap();
    assert_eq!(read_all(inspection.log()), read_all(&*journal.log()));
    journal.close().unwrap();
    let journal = Journal::open(settings, Metrics::default()).unwrap();
    assert_eq!(read_all(&*journal.log()).len(), 3);
}

#[test]
fn removing_the_lock_file_sets_no_lock_free() {
    let place = tempfile::tempdir().unwrap();
    let settings = Settings { directory: place.path().to_owned(), ..settings() };
    let journal = Journal::open(settings.clone(), Metrics::default()).unwrap();
    std::fs::remove_file(place.path().join("LOCK")).unwrap();
    let refused = Journal::open(settings, Metrics::default()).unwrap_err();
    assert!(matches!(refused, OpenError::Locked { .. }), "{refused}");
    journal.close().unwrap();
}

#[test]
fn nothing_is_acknowledged_in_a_segment_that_was_removed_or_replaced() {
    for replaced in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("journal");
        let settings = Settings { directory: directory.clone(), segment_bytes: 1 << 20, ..settings() };
        let journal = Journal::open(settings, Metrics::default()).unwrap();
        append_many(&journal, 0..2);
        let segment = directory.join("00000000000000000001.log");
        let bytes = std::fs::read(&segment).unwrap();
        std::fs::remove_file(&segment).unwrap();
        if replaced {
            std::fs::write(&segment, bytes).unwrap();
        }
        assert_eq!(append(&journal, 3, b"lost"), Err(AppendError::Poisoned));
        assert_eq!(journal.appender().health(), kalends_journal::Health::Poisoned);
    }
}

#[test]
fn an_identity_whose_segments_were_taken_away_begins_no_new_journal() {
    let disk = killed(3);
    for path in segments(&disk) {
        crate::storage::Storage::remove(&disk, &path).unwrap();
    }
    assert!(matches!(open(&disk, &settings()), Err(OpenError::SegmentsMissing { .. })));
}

#[test]
fn a_first_start_that_was_cut_short_begins_anew() {
    let disk = Memory::new();
    drop(opened(&disk));
    let segment = Path::new(PLACE).join("00000000000000000001.log");
    let header =
        disk.bytes(&segment)[..usize::try_from(crate::format::segment_header::END).unwrap()].to_vec();
    let unfinished = Memory::new();
    unfinished.put(&segment, &header);
    let journal = opened(&unfinished);
    append_many(&journal, 0..2);
    assert_eq!(read_all(&*journal.log()).len(), 2);
}

#[test]
fn strangers_can_not_read_what_is_stored() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("data/journal");
    let settings = Settings { directory: directory.clone(), ..settings() };
    let journal = Journal::open(settings, Metrics::default()).unwrap();
    append_many(&journal, 0..1);
    let paths = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
    for path in paths.chain([directory]) {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o027, 0, "{} {mode:o}", path.display());
    }
}

#[test]
fn the_identity_stays_and_a_lost_one_is_not_replaced() {
    let disk = killed(3);
    let journal = opened(&disk);
    let (id, genesis) = (journal.log().id(), journal.genesis());
    journal.close().unwrap();
    let journal = opened(&disk);
    assert_eq!((journal.log().id(), journal.genesis()), (id, genesis));
    drop(journal);
    assert_ne!(opened(&Memory::new()).log().id(), id);
    crate::storage::Storage::remove(&disk, &Path::new(PLACE).join("journal.id")).unwrap();
    assert!(matches!(open(&disk, &settings()), Err(OpenError::IdentityMissing { .. })));
}

#[test]
fn a_segment_of_another_journal_is_refused() {
    let (disk, other) = (killed(3), killed(3));
    let (path, bytes) = last_segment(&other);
    disk.put(&path, &bytes);
    assert!(matches!(open(&disk, &settings()), Err(OpenError::Foreign { .. })));
}

#[test]
fn a_newer_version_is_refused_by_name() {
    for (name, next) in [("journal.id", 3), ("00000000000000000001.log", 2)] {
        let disk = killed(1);
        let path = Path::new(PLACE).join(name);
        let mut bytes = disk.bytes(&path);
        bytes[8] = next;
        disk.put(&path, &bytes);
        match open(&disk, &settings()).unwrap_err() {
            OpenError::Version { file, version, known } if version == known + 1 => assert_eq!(file, path),
            error => panic!("{error}"),
        }
    }
}

#[test]
fn left_over_temporary_files_are_removed() {
    let disk = killed(1);
    for name in [
        "00000000000000000001.log.tmp",
        "00000000000000000009.log.tmp",
        "journal.id.tmp",
        "journal.id.copy.tmp",
    ] {
        disk.put(&Path::new(PLACE).join(name), b"half a copy");
    }
    drop(opened(&disk));
    assert!(!disk.names(Path::new(PLACE)).iter().any(|name| name.contains("tmp")));
}

#[test]
fn inspection_finds_no_journal_where_there_is_none() {
    let place = tempfile::tempdir().unwrap();
    for directory in [place.path().to_owned(), place.path().join("missing")] {
        assert!(matches!(crate::inspect(&directory), Err(OpenError::NoJournal { .. })));
    }
}

/// Of a journal in which any one byte is flipped, either opening or reading fails, or what is read is a prefix.
#[test]
fn no_flipped_byte_ever_yields_a_wrong_payload() {
    let original = killed(12);
    let expected = read_all(&*opened(&original.copy()).log());
    assert_eq!(expected.len(), 12);
    assert!(segments(&original).len() > 1);
    for path in segments(&original).into_iter().chain([Path::new(PLACE).join("journal.id")]) {
        let bytes = original.bytes(&path);
        for index in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[index] ^= 0x40;
            let disk = original.copy();
            disk.put(&path, &flipped);
            let Ok(inspection) = inspect_on(Arc::new(disk.clone()), Path::new(PLACE)) else {
                assert!(open(&disk, &settings()).is_err());
                continue;
            };
            let mut reader = inspection.log().read_after(0);
            let mut count = 0;
            while let Ok(Some(frame)) = reader.next() {
                assert_eq!(frame.payload, expected[count].1, "{} byte {index}", path.display());
                assert_eq!(frame.position, expected[count].0);
                count += 1;
            }
        }
    }
}

#[test]
fn a_journal_that_must_exist_is_not_begun() {
    let disk = Memory::new();
    let must = Settings { require_existing: true, ..settings() };
    assert!(matches!(open(&disk, &must), Err(OpenError::NotExisting { .. })));
    assert!(disk.list_or_nothing(Path::new(PLACE)).is_empty());
    drop(opened(&disk));
    assert!(open(&disk, &must).is_ok());
}

/// What a disk holds: names and bytes.
fn everything(disk: &Memory) -> Vec<(PathBuf, Vec<u8>)> {
    let place = Path::new(PLACE);
    let names = |place: &Path| {
        disk.list_or_nothing(place).into_iter().map(|name| place.join(name)).collect::<Vec<_>>()
    };
    let paths = names(place).into_iter().chain(names(&place.join("set-aside")));
    paths.map(|path| (path.clone(), disk.bytes(&path))).collect()
}

#[test]
fn a_start_that_the_disk_has_no_room_for_takes_none_of_it() {
    let disk = killed(3);
    let (path, bytes) = last_segment(&disk);
    disk.put(&path, &bytes[..bytes.len() - 5]);
    let before = everything(&disk);
    disk.set_free(100);
    let refused = open(&disk, &settings()).unwrap_err().to_string();
    assert!(refused.contains("No space left on device") && refused.contains(".log"), "{refused}");
    assert_eq!(everything(&disk), before);
}

/// The disk says that there is room, and there is none.
#[test]
fn failed_starts_on_a_full_disk_leave_at_most_one_copy_of_a_torn_end() {
    let torn = killed(3);
    let (path, bytes) = last_segment(&torn);
    torn.put(&path, &bytes[..bytes.len() - 5]);
    for operation in 0..10 {
        let disk = torn.copy();
        for _ in 0..3 {
            disk.fail(Fault::Full, operation);
            drop(open(&disk, &settings()));
            let names: Vec<_> = everything(&disk).into_iter().map(|(path, _)| path).collect();
            assert!(set_aside(&disk).len() <= 1, "{operation}: {names:?}");
            assert!(
                !names.iter().any(|path| path.extension() == Some("tmp".as_ref())),
                "{operation}: {names:?}"
            );
        }
        disk.heal();
        assert_eq!(read_all(&*opened(&disk).log()).len(), 2, "{operation}");
        assert_eq!(set_aside(&disk).len(), 1, "{operation}");
    }
}
