use std::{collections::BTreeMap, fs, path::Path};

use bytes::Bytes;
use kalends_journal_local::{Journal, Metrics, Settings, inspect, repair, verify};
use proptest::{prelude::*, sample::Index};

use crate::{
    damage::{Damage, damaged, damages},
    runner::search,
};

const PIECES: [&str; 3] =
    ["KLNDSLOG", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "\u{7f}\u{7f}\u{7f}\u{7f}"];
const NAMES: [&str; 6] = [
    "00000000000000000001.log",
    "00000000000000000002.log",
    "journal.id",
    "journal.id.copy",
    "LOCK",
    "x.tmp",
];
const FRAMES: u64 = 60;

fn settings(directory: &Path) -> Settings {
    Settings {
        segment_bytes: 2000,
        max_bytes: 1 << 20,
        min_free_bytes: 0,
        max_payload_bytes: 4000,
        ..Settings::new(directory)
    }
}

fn payload(position: u64) -> Vec<u8> {
    format!("payload {position} ").into_bytes().repeat(usize::try_from(position % 7).unwrap() + 1)
}

fn append(journal: &Journal, payload: Vec<u8>) -> Option<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(journal.appender().append(0, Bytes::from(payload))).ok()
}

/// The files of a sound journal of several segments.
fn sound() -> BTreeMap<String, Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(settings(directory.path()), Metrics::default()).unwrap();
    for position in 1..=FRAMES {
        assert_eq!(append(&journal, payload(position)), Some(position));
    }
    journal.close().unwrap();
    let entries = fs::read_dir(directory.path()).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

/// What is read must be what was once written there, in order; reading ends.
fn assert_reads_right(directory: &Path) {
    // Damage that was synced is refused; everything else opens, and takes more.
    let Ok(journal) = Journal::open(settings(directory), Metrics::default()) else { return };
    let log = journal.log();
    let (mut reader, mut last) = (log.read_after(log.first_kept().saturating_sub(1)), 0);
    while let Ok(Some(frame)) = reader.next() {
        assert!(frame.position > last, "{} behind {last}", frame.position);
        last = frame.position;
        assert_eq!(frame.payload, payload(last), "position {last}");
    }
    if let Some(position) = append(&journal, b"more".to_vec()) {
        let mut reader = log.read_after(position - 1);
        assert_eq!(reader.next().unwrap().unwrap().payload, b"more");
    }
}

/// Files that were lost, exchanged or damaged, as far as one pick of them goes.
type Accident = (Index, Index, bool, Vec<Damage>);

#[test]
fn a_journal_of_any_content_is_read_right_or_refused() {
    let sound = sound();
    let names: Vec<_> = sound.keys().cloned().collect();
    let accident = (any::<Index>(), any::<Index>(), prop::bool::weighted(0.1), damages(4, &PIECES));
    search(&proptest::collection::vec(accident, 1..4), |accidents: Vec<Accident>| {
        let directory = tempfile::tempdir().unwrap();
        let mut files = sound.clone();
        for (which, other, lost, damages) in &accidents {
            let (name, other) = (&names[which.index(names.len())], &names[other.index(names.len())]);
            if *lost {
                files.remove(name);
            } else if let Some(bytes) = files.get(other).filter(|_| damages.is_empty()).cloned() {
                files.insert(name.clone(), bytes);
            } else if let Some(bytes) = files.get_mut(name) {
                *bytes = damaged(bytes, damages);
            }
        }
        for (name, bytes) in &files {
            fs::write(directory.path().join(name), bytes).unwrap();
        }
        // That they end without a panic is all that can be said of both.
        drop((verify(directory.path(), |_, _| {}), inspect(directory.path())));
        assert_reads_right(directory.path());
        drop(repair(directory.path()));
        Ok(())
    });
}

#[test]
fn files_of_any_bytes_are_refused() {
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    search(&proptest::collection::btree_map(proptest::sample::select(&NAMES[..]), bytes, 0..4), |files| {
        let directory = tempfile::tempdir().unwrap();
        for (name, bytes) in &files {
            fs::write(directory.path().join(name), bytes).unwrap();
        }
        drop((verify(directory.path(), |_, _| {}), inspect(directory.path()), repair(directory.path())));
        assert_reads_right(directory.path());
        Ok(())
    });
}
