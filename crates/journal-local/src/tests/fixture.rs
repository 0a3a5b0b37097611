//! Journals written by released versions still open and read the same.

use std::fs;

use super::*;
use crate::fsck::{findings::Missing, verify::verify};

fn fixture(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/journals").join(version)
}

fn on_disk(directory: &Path) -> Settings {
    Settings { directory: directory.to_owned(), ..damage::small() }
}

/// The payloads of the fixtures; position 7 was damaged and is on record as missing.
fn payload(position: u64) -> Vec<u8> {
    format!("payload {position}").repeat(usize::try_from(position).unwrap()).into_bytes()
}

/// Writes the fixture of this version: run it once, before the release of a version that changes the format, with
/// `cargo test -p kalends-journal-local -- --ignored write_the_fixture`, and keep what it leaves in `tests/fixtures/journals/new`
/// under the version's name.
#[test]
#[ignore = "writes into the source tree"]
fn write_the_fixture() {
    let directory = fixture("new");
    fs::remove_dir_all(&directory).ok();
    let journal = Journal::open(on_disk(&directory), Metrics::default()).unwrap();
    for position in 1..=12 {
        let time = i64::try_from(position).unwrap() * 1_000_000;
        assert_eq!(append(&journal, time, &payload(position)), Ok(position));
    }
    journal.close().unwrap();
    let segment = |first: u64| crate::format::segment_name::path(&directory, first);
    let with_seven = (1..=7).rev().map(segment).find(|path| path.exists()).unwrap();
    let mut bytes = fs::read(&with_seven).unwrap();
    let at = bytes.windows(9).position(|window| window == b"payload 7").unwrap();
    bytes[at] ^= 1;
    fs::write(&with_seven, bytes).unwrap();
    assert_eq!(crate::repair(&directory).unwrap().damage[0].positions, Some(7..=7));
    fs::remove_file(directory.join("LOCK")).unwrap();
}

#[test]
fn a_journal_of_version_0_1_opens_and_reads_the_same() {
    let place = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(fixture("0.1")).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), place.path().join(entry.file_name())).unwrap();
        }
    }
    let found = verify(place.path(), |_, _| {}).unwrap();
    assert_eq!((found.frames, found.first, found.last, found.damage), (11, 1, 12, vec![]));
    let gaps: Vec<_> = found.gaps.into_iter().map(|Missing { positions, .. }| positions).collect();
    assert_eq!(gaps, [7..=7]);
    let journal = Journal::open(on_disk(place.path()), Metrics::default()).unwrap();
    let files = ["journal.id", "journal.id.copy"].map(|name| fs::read(place.path().join(name)).unwrap());
    assert_eq!(files[0], files[1], "a journal that had no copy of its identity gains one");
    let expected: Vec<_> = (1..=12).filter(|at| *at != 7).map(|at| (at, payload(at))).collect();
    assert_eq!(read_all(&*journal.log()), expected);
    assert_eq!(journal.log().synced().time, 12_000_000);
    assert_eq!(append(&journal, 0, b"more"), Ok(13));
}
