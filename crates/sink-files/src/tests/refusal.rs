use std::{fs, path::Path};

use kalends_sink::{Checkpoint, Failure, Sink as _};

use super::harness::{ALICE, checkpoint, sink, streams, visible, write};

fn hold(result: Result<impl Sized, Failure>) -> String {
    match result {
        Err(Failure::Hold { message }) => message,
        Err(other) => panic!("not a hold: {other:?}"),
        Ok(_) => panic!("no failure"),
    }
}

fn deliver(directory: &Path) {
    let mut sink = sink(directory);
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, 0, 0).unwrap();
    sink.commit(checkpoint(ALICE, 1)).unwrap();
}

#[test]
fn a_second_sink_on_the_directory_is_told_who_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = sink(directory.path());
    first.connect(ALICE, &streams()).unwrap();
    let message = hold(sink(directory.path()).connect(ALICE, &streams()));
    assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
    first.connect(ALICE, &streams()).unwrap();
    drop(first);
    sink(directory.path()).connect(ALICE, &streams()).unwrap();
}

#[test]
fn a_manifest_that_cannot_be_read_is_a_hold_and_is_left_as_it_is() {
    let version = |version| format!(r#"{{"version":{version},"checkpoints":[],"publish":[]}}"#);
    let shard = format!(
        r#"{{"version":1,"checkpoints":[{{"journal":"{ALICE}","shard":3,"position":1,"chain":1}}],"publish":[]}}"#
    );
    for text in [
        "",
        "{",
        r#"{"version":1}"#,
        r#"{"version":2,"more":[]}"#,
        &version("0"),
        &version("2"),
        &version("-1"),
        &version(r#""1""#),
        &shard,
    ] {
        let directory = tempfile::tempdir().unwrap();
        deliver(directory.path());
        let manifest = directory.path().join(".kalends/manifest.json");
        fs::write(&manifest, text).unwrap();
        let message = hold(sink(directory.path()).connect(ALICE, &streams()));
        assert!(message.contains(manifest.to_str().unwrap()) && message.contains("put back"), "{message}");
        assert_eq!(fs::read_to_string(&manifest).unwrap(), text);
    }
}

#[test]
fn a_checkpoint_of_another_shard_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    hold(sink.commit(Checkpoint { shard: 1, ..checkpoint(ALICE, 1) }));
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), None);
}

#[test]
fn a_manifest_that_existed_and_is_gone_is_a_hold() {
    let directory = tempfile::tempdir().unwrap();
    deliver(directory.path());
    fs::remove_dir_all(directory.path().join(".kalends")).unwrap();
    let message = hold(sink(directory.path()).connect(ALICE, &streams()));
    assert!(message.contains("manifest.json is gone"), "{message}");
}

#[test]
fn a_published_file_is_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    deliver(directory.path());
    let file = directory.path().join(&visible(directory.path())[0].0);
    fs::write(&file, "precious").unwrap();
    let mut sink = sink(directory.path());
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, 0, 0).unwrap();
    let message = hold(sink.commit(checkpoint(ALICE, 2)));
    assert!(message.contains(file.to_str().unwrap()), "{message}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), Some(checkpoint(ALICE, 1)));
}

#[test]
fn a_directory_that_is_a_file_is_a_hold() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("events");
    fs::write(&path, "").unwrap();
    let message = hold(sink(&path).connect(ALICE, &streams()));
    assert!(message.contains(path.to_str().unwrap()) && message.contains("directory"), "{message}");
    hold(sink(&path.join("below")).connect(ALICE, &streams()));
}

#[test]
fn a_topic_that_is_no_folder_is_a_hold() {
    let directory = tempfile::tempdir().unwrap();
    let mut streams = streams();
    streams[1].topic = "../elsewhere".into();
    let message = hold(sink(directory.path()).connect(ALICE, &streams));
    assert!(message.contains("../elsewhere"), "{message}");
}

#[test]
fn a_sink_that_is_not_connected_takes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = sink(directory.path());
    assert!(matches!(write(&mut sink, 1, 0, 0), Err(Failure::Retry { .. })));
    assert!(matches!(sink.commit(checkpoint(ALICE, 1)), Err(Failure::Retry { .. })));
}

#[test]
fn seek_sets_a_damaged_manifest_aside_with_the_parts_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    deliver(directory.path());
    let hidden = directory.path().join(".kalends");
    fs::write(hidden.join("manifest.json"), "{").unwrap();
    fs::write(hidden.join("1-1.part"), "perhaps committed").unwrap();
    let mut sink = sink(directory.path());
    hold(sink.connect(ALICE, &streams()));
    sink.do_without_checkpoint();
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), None);
    sink.commit(checkpoint(ALICE, 1)).unwrap();
    let names: Vec<_> = fs::read_dir(&hidden)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for kept in ["manifest.json.set-aside-", "1-1.part.set-aside-"] {
        assert!(names.iter().any(|name| name.starts_with(kept)), "no {kept} in {names:?}");
    }
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), Some(checkpoint(ALICE, 1)));
    write(&mut sink, 2, 0, 0).unwrap();
    sink.commit(checkpoint(ALICE, 2)).unwrap();
    assert_eq!(visible(directory.path()).len(), 2, "what was published stays");
}

#[test]
fn seek_leaves_a_sound_manifest_alone() {
    let directory = tempfile::tempdir().unwrap();
    deliver(directory.path());
    let mut sink = sink(directory.path());
    sink.do_without_checkpoint();
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), Some(checkpoint(ALICE, 1)));
}
