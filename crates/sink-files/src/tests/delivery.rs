use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use kalends_sink::Sink as _;

use super::harness::{ALICE, BOB, DAY, checkpoint, settings, sink, streams, visible, write};
use crate::{Codec, FileSink};

const NOON: i64 = 20_000 * DAY + DAY / 2;

#[test]
fn records_land_in_the_file_of_their_topic_and_day() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(&directory.path().join("made/on/the/way"));
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), None);
    for (position, time) in [(3, NOON), (4, NOON), (5, NOON), (7, NOON + DAY), (9, NOON + DAY)] {
        write(&mut sink, position, time, 0).unwrap();
    }
    sink.commit(checkpoint(ALICE, 9)).unwrap();
    let name = |path: &str, positions: &[u64]| (path.to_owned(), positions.to_vec());
    assert_eq!(
        visible(&directory.path().join("made/on/the/way")),
        [
            name("even/date=2024-10-04/00000000000000000004-00000000000000000004.avro", &[4]),
            name("odd/date=2024-10-04/00000000000000000003-00000000000000000005.avro", &[3, 5]),
            name("odd/date=2024-10-05/00000000000000000007-00000000000000000009.avro", &[7, 9]),
        ]
    );
}

#[test]
fn strangers_can_not_read_what_lands() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("data/events");
    let mut sink = sink(&directory);
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, NOON, 0).unwrap();
    sink.commit(checkpoint(ALICE, 1)).unwrap();
    let paths = everything_under(&directory);
    assert!(paths.iter().any(|path| path.extension().is_some_and(|e| e == "avro")), "{paths:?}");
    for path in paths {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o027, 0, "{} {mode:o}", path.display());
    }
}

fn everything_under(path: &Path) -> Vec<PathBuf> {
    let below = fs::read_dir(path).into_iter().flatten();
    let below = below.flat_map(|entry| everything_under(&entry.unwrap().path()));
    below.chain([path.to_owned()]).collect()
}

#[test]
fn a_day_that_comes_back_gets_another_file() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    for (position, time) in [(1, NOON), (3, NOON + DAY), (5, NOON)] {
        write(&mut sink, position, time, 0).unwrap();
    }
    sink.commit(checkpoint(ALICE, 5)).unwrap();
    let positions: Vec<_> =
        visible(directory.path()).into_iter().flat_map(|(_, positions)| positions).collect();
    assert_eq!(positions, [1, 5, 3]);
}

#[test]
fn both_codecs_read_back_over_many_blocks_and_records_larger_than_a_block() {
    for codec in [Codec::Null, Codec::Deflate] {
        let directory = tempfile::tempdir().unwrap();
        let mut sink = FileSink::new(crate::Settings { codec, ..settings(directory.path()) });
        sink.connect(ALICE, &streams()).unwrap();
        for position in 1..=400 {
            let filler = if position % 97 == 0 { 200_000 } else { 1_500 };
            write(&mut sink, position, NOON, filler).unwrap();
        }
        sink.commit(checkpoint(ALICE, 400)).unwrap();
        let mut positions: Vec<_> =
            visible(directory.path()).into_iter().flat_map(|(_, positions)| positions).collect();
        positions.sort_unstable();
        assert_eq!(positions, (1..=400).collect::<Vec<_>>(), "{codec:?}");
    }
}

#[test]
fn nothing_is_visible_before_the_commit_nor_left_behind_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    for position in 1..=200 {
        write(&mut sink, position, NOON + i64::try_from(position).unwrap() * DAY / 50, 3_000).unwrap();
    }
    assert_eq!(visible(directory.path()), []);
    sink.commit(checkpoint(ALICE, 200)).unwrap();
    assert!(!visible(directory.path()).is_empty());
    let hidden = fs::read_dir(directory.path().join(".kalends")).unwrap();
    let mut names: Vec<_> = hidden.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["lock", "manifest.json"]);
}

#[test]
fn what_was_not_committed_is_gone_after_a_connect() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, NOON, 0).unwrap();
    sink.commit(checkpoint(ALICE, 1)).unwrap();
    write(&mut sink, 2, NOON, 0).unwrap();
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), Some(checkpoint(ALICE, 1)));
    write(&mut sink, 3, NOON, 0).unwrap();
    sink.commit(checkpoint(ALICE, 3)).unwrap();
    assert_eq!(
        visible(directory.path()).into_iter().flat_map(|(_, positions)| positions).collect::<Vec<_>>(),
        [1, 3]
    );
}

#[test]
fn a_commit_without_records_moves_the_checkpoint_alone() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    sink.commit(checkpoint(ALICE, 17)).unwrap();
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), Some(checkpoint(ALICE, 17)));
    assert_eq!(visible(directory.path()), []);
}

#[test]
fn two_journals_keep_their_own_checkpoints_and_file_names() {
    let directory = tempfile::tempdir().unwrap();
    for journal in [ALICE, BOB] {
        let mut sink = sink(directory.path());
        assert_eq!(sink.connect(journal, &streams()).unwrap(), None);
        write(&mut sink, 1, NOON, 0).unwrap();
        sink.commit(checkpoint(journal, 1)).unwrap();
        write(&mut sink, 3, NOON, 0).unwrap();
        sink.commit(checkpoint(journal, 3)).unwrap();
    }
    for journal in [ALICE, BOB] {
        assert_eq!(
            sink(directory.path()).connect(journal, &streams()).unwrap(),
            Some(checkpoint(journal, 3))
        );
    }
    let files: Vec<_> = visible(directory.path()).into_iter().map(|(path, _)| path).collect();
    let bob = format!("-{BOB}.avro");
    assert_eq!(files.len(), 4, "{files:?}");
    assert_eq!(files.iter().filter(|file| file.ends_with(&bob)).count(), 2, "{files:?}");
}

#[test]
fn a_backlog_of_many_days_needs_no_more_open_files_than_topics() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    let open = || {
        let names = fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
        names
            .filter(|file| {
                file.starts_with(directory.path()) && file.extension().is_some_and(|e| e == "part")
            })
            .count()
    };
    for position in 1..=300 {
        write(&mut sink, position, i64::try_from(position / 2).unwrap() * DAY, 0).unwrap();
        assert!(open() <= 2);
    }
    sink.commit(checkpoint(ALICE, 300)).unwrap();
    assert_eq!(visible(directory.path()).len(), 300);
}

#[test]
fn pacing_is_what_was_set() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(directory.path());
    let pacing = FileSink::new(settings.clone()).pacing();
    assert_eq!((pacing.bytes, pacing.delay), (settings.roll_bytes, settings.roll_every));
    assert_eq!(
        fs::read_dir(directory.path()).unwrap().count(),
        0,
        "a sink that is not connected touches nothing"
    );
}
