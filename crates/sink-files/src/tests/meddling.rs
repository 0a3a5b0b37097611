//! Somebody deletes, puts back or takes over what is under `.kalends` while a sink delivers.

use std::{
    fs, io, mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use kalends_sink::{Checkpoint, Failure, Sink as _};

use super::harness::{ALICE, BOB, DAY, checkpoint, settings, sink, streams, visible, write};
use crate::{FileSink, disk::Hook, disk_op::DiskOp};

fn retry(result: Result<impl Sized, Failure>) -> String {
    match result {
        Err(Failure::Retry { message }) => message,
        Err(other) => panic!("not a retry: {other:?}"),
        Ok(_) => panic!("no failure"),
    }
}

fn parts(directory: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(directory.join(".kalends")).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.extension().is_some_and(|ending| ending == "part")).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Delivers positions up to `last`, each in a commit of its own, from where the sink is.
fn deliver(sink: &mut FileSink, known: Option<Checkpoint>, last: u64) {
    for position in known.map_or(0, |known| known.position) + 1..=last {
        write(sink, position, 0, 0).unwrap();
        sink.commit(checkpoint(ALICE, position)).unwrap();
    }
}

fn assert_delivered(directory: &Path, last: u64) {
    let mut positions: Vec<_> = visible(directory).into_iter().flat_map(|(_, positions)| positions).collect();
    positions.sort_unstable();
    assert_eq!(positions, (1..=last).collect::<Vec<_>>());
}

/// `meddle` with the open parts after position 1 is committed and 2 and 3 are written.
fn assert_parts_are_missed(meddle: impl Fn(&Path)) {
    for day in [0, DAY] {
        let directory = tempfile::tempdir().unwrap();
        let mut sink = sink(directory.path());
        let known = sink.connect(ALICE, &streams()).unwrap();
        deliver(&mut sink, known, 1);
        write(&mut sink, 3, 0, 0).unwrap();
        write(&mut sink, 5, day, 0).unwrap();
        let part = parts(directory.path()).into_iter().min().unwrap();
        meddle(&part);
        let message = retry(sink.commit(checkpoint(ALICE, 5)));
        assert!(message.contains(part.to_str().unwrap()) && message.contains("journal"), "{message}");
        let known = sink.connect(ALICE, &streams()).unwrap();
        assert_eq!(known, Some(checkpoint(ALICE, 1)));
        assert!(parts(directory.path()).is_empty());
        deliver(&mut sink, known, 5);
        assert_delivered(directory.path(), 5);
    }
}

#[test]
fn records_whose_part_was_deleted_are_not_committed() {
    assert_parts_are_missed(|part| fs::remove_file(part).unwrap());
}

#[test]
fn records_whose_part_was_replaced_are_not_committed() {
    assert_parts_are_missed(|part| {
        fs::copy(part, part.with_extension("copy")).unwrap();
        fs::rename(part.with_extension("copy"), part).unwrap();
    });
}

#[test]
fn a_part_that_was_cut_short_after_it_was_complete_is_not_committed() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, 0, 0).unwrap();
    write(&mut sink, 3, DAY, 0).unwrap();
    let part = parts(directory.path()).into_iter().min().unwrap();
    fs::OpenOptions::new().write(true).open(&part).unwrap().set_len(9).unwrap();
    retry(sink.commit(checkpoint(ALICE, 3)));
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), None);
}

#[test]
fn a_commit_whose_part_vanishes_once_its_manifest_is_stored_is_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let (root, once) = (directory.path().to_owned(), Mutex::new(true));
    let hook: Hook = Arc::new(move |step, path| {
        if step == DiskOp::Rename && path.ends_with("manifest.json") {
            let part = parts(&root).into_iter().min();
            part.filter(|_| mem::take(&mut *once.lock().unwrap())).map_or(Ok(()), fs::remove_file)?;
        }
        Ok(())
    });
    let mut sink = FileSink::with_hook(settings(directory.path()), hook);
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, 0, 0).unwrap();
    write(&mut sink, 2, 0, 0).unwrap();
    let part = parts(directory.path()).into_iter().min().unwrap();
    let message = retry(sink.commit(checkpoint(ALICE, 2)));
    assert!(message.contains(part.to_str().unwrap()), "{message}");
    let known = sink.connect(ALICE, &streams()).unwrap();
    assert_eq!(known, None);
    deliver(&mut sink, known, 2);
    assert_delivered(directory.path(), 2);
}

#[test]
fn a_directory_put_back_from_a_copy_gets_again_what_the_copy_lacks() {
    for written_before in [true, false] {
        let parent = tempfile::tempdir().unwrap();
        let (directory, old) = (parent.path().join("events"), parent.path().join("copy"));
        let mut sink = sink(&directory);
        let known = sink.connect(ALICE, &streams()).unwrap();
        deliver(&mut sink, known, 1);
        copy(&directory, &old);
        deliver(&mut sink, Some(checkpoint(ALICE, 1)), 2);
        if written_before {
            write(&mut sink, 3, 0, 0).unwrap();
        }
        fs::rename(&directory, parent.path().join("aside")).unwrap();
        fs::rename(&old, &directory).unwrap();
        if !written_before {
            write(&mut sink, 3, 0, 0).unwrap();
        }
        let message = retry(sink.commit(checkpoint(ALICE, 3)));
        assert!(message.contains(directory.join(".kalends").to_str().unwrap()), "{message}");
        let known = sink.connect(ALICE, &streams()).unwrap();
        assert_eq!(known, Some(checkpoint(ALICE, 1)));
        deliver(&mut sink, known, 3);
        assert_delivered(&directory, 3);
    }
}

#[test]
fn a_manifest_put_back_in_place_is_seen_before_it_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join(".kalends/manifest.json");
    let mut sink = sink(directory.path());
    let known = sink.connect(ALICE, &streams()).unwrap();
    deliver(&mut sink, known, 1);
    let old = fs::read(&manifest).unwrap();
    deliver(&mut sink, Some(checkpoint(ALICE, 1)), 2);
    fs::write(&manifest, &old).unwrap();
    let message = retry(sink.commit(checkpoint(ALICE, 7)));
    assert!(message.contains(manifest.to_str().unwrap()), "{message}");
    assert_eq!(fs::read(&manifest).unwrap(), old);
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), Some(checkpoint(ALICE, 1)));
}

#[test]
fn a_manifest_that_vanishes_is_not_made_again_from_memory() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    let known = sink.connect(ALICE, &streams()).unwrap();
    deliver(&mut sink, known, 1);
    fs::remove_file(directory.path().join(".kalends/manifest.json")).unwrap();
    retry(sink.commit(checkpoint(ALICE, 2)));
    assert!(matches!(sink.connect(ALICE, &streams()), Err(Failure::Hold { .. })));
}

#[test]
fn a_lock_file_that_was_deleted_lets_nobody_else_in() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = sink(directory.path());
    let known = first.connect(ALICE, &streams()).unwrap();
    deliver(&mut first, known, 1);
    write(&mut first, 2, 0, 0).unwrap();
    fs::remove_file(directory.path().join(".kalends/lock")).unwrap();
    let Err(Failure::Hold { message }) = sink(directory.path()).connect(BOB, &streams()) else {
        panic!("two sinks hold one directory");
    };
    assert!(message.contains("in use by another process"), "{message}");
    let message = retry(first.commit(checkpoint(ALICE, 2)));
    assert!(message.contains(directory.path().join(".kalends/lock").to_str().unwrap()), "{message}");
    let known = first.connect(ALICE, &streams()).unwrap();
    deliver(&mut first, known, 3);
    assert_delivered(directory.path(), 3);
}

#[test]
fn a_directory_that_another_sink_took_over_is_left_to_it() {
    let parent = tempfile::tempdir().unwrap();
    let (directory, copied) = (parent.path().join("events"), parent.path().join("copy"));
    let mut first = sink(&directory);
    let known = first.connect(ALICE, &streams()).unwrap();
    deliver(&mut first, known, 2);
    write(&mut first, 3, 0, 0).unwrap();
    copy(&directory, &copied);
    fs::rename(&directory, parent.path().join("aside")).unwrap();
    fs::rename(&copied, &directory).unwrap();
    let mut second = sink(&directory);
    second.connect(BOB, &streams()).unwrap();
    write(&mut second, 1, 0, 0).unwrap();
    let open = parts(&directory);
    retry(first.commit(checkpoint(ALICE, 3)));
    assert!(matches!(first.connect(ALICE, &streams()), Err(Failure::Hold { .. })));
    assert_eq!(parts(&directory), open);
    second.commit(checkpoint(BOB, 1)).unwrap();
    drop(second);
    let known = first.connect(ALICE, &streams()).unwrap();
    assert_eq!(known, Some(checkpoint(ALICE, 2)));
    assert_eq!(sink(&parent.path().join("aside")).connect(ALICE, &streams()).unwrap(), known);
}

/// A sink on a file system that can't lock directories.
fn networked(directory: &Path) -> FileSink {
    let bad_descriptor: Hook = Arc::new(|step, path| {
        let refused = step == DiskOp::Lock && path.ends_with(".kalends");
        if refused { Err(io::Error::from_raw_os_error(9)) } else { Ok(()) }
    });
    FileSink::with_hook(settings(directory), bad_descriptor)
}

#[test]
fn without_a_lock_on_the_directory_the_file_locks_and_its_loss_stops_the_loser() {
    let directory = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (networked(directory.path()), networked(directory.path()));
    let known = first.connect(ALICE, &streams()).unwrap();
    deliver(&mut first, known, 1);
    assert!(matches!(second.connect(BOB, &streams()), Err(Failure::Hold { .. })));
    write(&mut first, 2, 0, 0).unwrap();
    fs::remove_file(directory.path().join(".kalends/lock")).unwrap();
    second.connect(BOB, &streams()).unwrap();
    second.commit(checkpoint(BOB, 7)).unwrap();
    retry(first.commit(checkpoint(ALICE, 2)));
    assert!(matches!(first.connect(ALICE, &streams()), Err(Failure::Hold { .. })));
    assert_eq!(second.connect(BOB, &streams()).unwrap(), Some(checkpoint(BOB, 7)));
    drop(second);
    let known = first.connect(ALICE, &streams()).unwrap();
    deliver(&mut first, known, 2);
    assert_delivered(directory.path(), 2);
}
