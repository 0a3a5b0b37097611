//! `kalends journal`, run as a user runs it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

use bytes::Bytes;
use kalends_journal_local::{Journal, Metrics, Settings};
use kalends_receipt::Envelope;
use serde_json::Value;
use tempfile::TempDir;

fn journal(args: &[&str], directory: &Path) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalends"));
    command.arg("journal").args(args).arg("--directory").arg(directory).env_clear();
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A journal of five receipts, closed.
fn five() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let journal = Journal::open(Settings::new(place.path()), Metrics::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for number in 1..=5 {
        let body = format!("{{\"eventId\":\"e-{number}\"}}");
        let envelope = Envelope {
            endpoint: "main",
            received_at: 1_000_000 * number,
            traceparent: None,
            tracestate: None,
        };
        let mut receipt = Vec::new();
        envelope.write_head(&mut receipt);
        receipt.extend_from_slice(body.as_bytes());
        runtime.block_on(journal.appender().append(1_000_000 * number, Bytes::from(receipt))).unwrap();
    }
    journal.close().unwrap();
    place
}

fn damage(place: &TempDir) {
    let path = place.path().join("00000000000000000001.log");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(3).position(|window| window == b"e-3").unwrap();
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
}

#[test]
fn a_sound_journal_is_shown_and_verified() {
    let place = five();
    let (code, out, err) = journal(&["stat", "--json"], place.path());
    let stat: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, err.as_str(), &stat["first"], &stat["last"]), (0, "", &1.into(), &5.into()));
    assert_eq!(stat["last_time"], "1970-01-01T00:00:05Z");
    let (code, out, err) = journal(&["verify"], place.path());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("sound: 5 frames, positions 1 to 5, 1 segments, "), "{out}");
}

#[test]
fn receipts_are_printed_whole_or_as_their_bodies() {
    let place = five();
    let (code, out, _) = journal(&["cat", "--from", "2", "--to", "4", "--count", "2"], place.path());
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (0, 2));
    assert_eq!((&lines[0]["position"], &lines[1]["position"]), (&2.into(), &3.into()));
    assert_eq!(lines[0]["received_at"], "1970-01-01T00:00:02Z");
    assert_eq!(
        journal(&["cat", "--at", "5", "--body"], place.path()),
        (0, "{\"eventId\":\"e-5\"}".into(), String::new())
    );
    let (code, out, err) = journal(&["cat", "--at", "6"], place.path());
    assert_eq!((code, out.as_str()), (65, ""), "{err}");
}

#[test]
fn damage_is_found_and_repaired_only_when_asked_to() {
    let place = five();
    damage(&place);
    let segment = place.path().join("00000000000000000001.log");
    let before = fs::read(&segment).unwrap();

    let (code, out, err) = journal(&["verify", "--json"], place.path());
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &found["damage"][0]["lost"]["first"]), (74, &3.into()), "{err}");
    assert!(err.contains("lost: position 3"), "{err}");

    let (code, _, err) = journal(&["repair"], place.path());
    assert_eq!(code, 74);
    assert!(err.contains("nothing was changed"), "{err}");
    assert_eq!(fs::read(&segment).unwrap(), before);

    let (code, out, _) = journal(&["repair", "--json"], place.path());
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &found["repaired"], &found["damage"][0]["lost"]["last"]),
        (74, &false.into(), &3.into())
    );

    let (code, out, err) = journal(&["repair", "--yes"], place.path());
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(err.contains("repaired (1 place is damaged, lost: position 3)"), "{err}");
    assert_eq!(fs::read_dir(place.path().join("set-aside")).unwrap().count(), 1);

    assert_eq!(journal(&["verify"], place.path()).0, 0);
    let (_, out, _) = journal(&["cat"], place.path());
    assert_eq!(out.lines().count(), 4);
    let (code, _, err) = journal(&["cat", "--at", "3"], place.path());
    assert_eq!(code, 65);
    assert!(err.contains("on record as missing"), "{err}");
}

#[test]
fn a_directory_without_a_journal_is_said_to_have_none() {
    let place = tempfile::tempdir().unwrap();
    for command in ["stat", "verify", "repair", "cat"] {
        let (code, out, err) = journal(&[command], place.path());
        assert_eq!((code, out.as_str()), (74, ""));
        assert!(err.contains("there is no journal"), "{err}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}
