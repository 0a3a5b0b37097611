//! What is made of what answers at the admin address.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
    thread,
};

use kalends_journal_local::{Journal, Metrics, Settings};
use serde_json::{Value, json};

/// Somebody who answers every request with this status.
fn answering(status: &Value) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = status.to_string();
    thread::spawn(move || {
        for mut connection in listener.incoming().map(Result::unwrap) {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            connection.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    address
}

/// A folder with a journal that nobody writes, and a configuration with this admin address. Returns the journal's identity.
fn installation(folder: &Path, admin: SocketAddr) -> String {
    let journal = Journal::open(Settings::new(folder.join("journal")), Metrics::default()).unwrap();
    let id = journal.log().id().to_string();
    journal.close().unwrap();
    let configuration = format!(
        "endpoints: {{ main: {{ path: /a }} }}\njournal: {{ directory: ./journal }}\n\
         sinks: {{ files: {{ kind: files, directory: ./events }} }}\nadmin: {{ address: {admin} }}\n"
    );
    std::fs::write(folder.join("k.yaml"), configuration).unwrap();
    id
}

/// Runs `kalends` there. Returns its exit code and all that it said.
fn said(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalends"));
    let output = command.args(arguments).env_clear().current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

fn status(journal: &str, sink: &Value) -> Value {
    let journal = json!({ "id": journal, "bytes": 10_000, "max_bytes": 10_u64 << 30 });
    json!({ "ready": false, "not_ready_because": sink["last_error"], "version": sink["last_error"], "journal": journal, "sinks": [sink] })
}

#[test]
fn what_answers_can_not_take_hold_of_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let odd = "\u{1b}]0;x\u{7}\u{9b}2J\u{7f}";
    let sink =
        json!({ "name": "files", "kind": odd, "state": "hold", "last_error": odd, "last_error_at": odd });
    let told = status(odd, &sink);
    let address = answering(&told).to_string();
    installation(folder.path(), address.parse().unwrap());
    for (arguments, code) in [
        (&["status", "--address", &address][..], 0),
        (&["status", "--json", "--address", &address], 0),
        (&["status", "--ready", "--address", &address], 69),
        (&["status", "-c", "k.yaml"], 69),
        (&["sinks", "list", "-c", "k.yaml"], 0),
    ] {
        let (ends, text) = said(folder.path(), arguments);
        assert_eq!(ends, Some(code), "{arguments:?}: {text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{arguments:?}: {text:?}");
    }
    let (_, text) = said(folder.path(), &["status", "--json", "--address", &address]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), told, "the same to a program");
}

#[test]
fn a_daemon_with_another_journal_is_not_taken_for_the_configurations_own() {
    let folder = tempfile::tempdir().unwrap();
    let sink =
        json!({ "name": "files", "kind": "files", "state": "running", "position": 7, "lag_events": 0 });
    let stranger = answering(&status("00000000000000000000000000000001", &sink));
    let own = installation(folder.path(), stranger);
    for arguments in [&["status", "-c", "k.yaml"][..], &["status", "--ready", "-c", "k.yaml"]] {
        let (code, text) = said(folder.path(), arguments);
        assert!(
            code == Some(69) && text.contains(&own) && text.contains("admin.address"),
            "{arguments:?}: {text}"
        );
    }
    let (code, text) = said(folder.path(), &["sinks", "list", "-c", "k.yaml"]);
    assert!(code == Some(0) && text.contains("unknown") && text.contains("noted last"), "{text}");
    let (code, text) = said(folder.path(), &["status", "-c", "k.yaml", "--address", &stranger.to_string()]);
    assert!(
        code == Some(0) && text.contains("at position 7") && text.contains("9.8 KiB of 10 GiB"),
        "asked by name: {text}"
    );
}

#[test]
fn where_a_sink_is_before_a_seek_is_told_by_the_daemon_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let own = installation(folder.path(), "127.0.0.1:1".parse().unwrap());
    let checkpoint = json!({ "journal": own, "shard": 0, "position": 3, "chain": 0 });
    std::fs::create_dir(folder.path().join("journal/sinks")).unwrap();
    let note = json!({ "checkpoint": checkpoint, "topics": {} });
    std::fs::write(folder.path().join("journal/sinks/files.json"), note.to_string()).unwrap();
    let seek =
        || said(folder.path(), &["sinks", "seek", "files", "--to", "earliest", "--json", "-c", "k.yaml"]);
    let (code, text) = seek();
    assert_eq!(code, Some(64), "{text}");
    for part in ["127.0.0.1:1/status", r#""repeated":{"first":1,"last":3}"#, r#"told_by":"note""#] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let sink = json!({ "name": "files", "state": "running", "position": 7 });
    installation(folder.path(), answering(&status(&own, &sink)));
    let (code, text) = seek();
    assert_eq!(code, Some(64), "{text}");
    for part in [r#""repeated":{"first":1,"last":7}"#, r#"told_by":"daemon""#] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
