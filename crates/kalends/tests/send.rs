//! `kalends send`, run as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "send/receiver.rs"]
mod receiver;

use std::{path::Path, process::Command};

use receiver::Receiver;
use serde_json::{Value, json};

const EVENT: &str = r#"{ "eventId": "e-1", "eventType": "Test" }"#;

fn output(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kalends")).args(args).env_clear().output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn send_posts_one_event_of_each_type_with_its_token() {
    let receiver = Receiver::start(|_| 200);
    let (code, out, err) = output(&["send", "--url", &receiver.url(), "--token", "t0ken"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("acknowledged 8\nanswer 200: 8\n"), "{out}");
    assert!(out.contains("latency p50 "), "{out}");
    let requests = receiver.requests();
    let types: Vec<String> =
        requests.iter().map(|request| request.event()["eventType"].to_string()).collect();
    assert_eq!(types.len(), 8, "{types:?}");
    assert_eq!(types.iter().collect::<std::collections::HashSet<_>>().len(), 8, "{types:?}");
    assert!(requests.iter().all(|request| request.head.contains("authorization: Bearer t0ken")));
}

#[test]
fn send_reports_for_programs_too() {
    let receiver = Receiver::start(|_| 200);
    let (code, out, err) = output(&["send", "--url", &receiver.url(), "--json", "--count", "2"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&report["acknowledged"], &report["answers"]), (&json!(2), &json!({ "200": 2 })));
    assert!(report["latency_ms"]["p99_9"].is_number(), "{report}");
}

#[test]
fn send_without_retry_fails_when_something_was_not_acknowledged() {
    let receiver = Receiver::start(|number| if number == 1 { 503 } else { 200 });
    let directory = tempfile::tempdir().unwrap();
    let ids = directory.path().join("ids");
    let (code, out, err) = output(&["send", "--url", &receiver.url(), "--count", "3", "--out", path(&ids)]);
    assert_eq!(code, 69);
    assert!(out.starts_with("acknowledged 2\nanswer 200: 2\nanswer 503: 1\n"), "{out}");
    assert!(err.starts_with("1 of 3 were not acknowledged"), "{err}");
    assert_eq!(std::fs::read_to_string(&ids).unwrap().lines().count(), 2);
}

#[test]
fn send_with_retry_posts_until_everything_is_acknowledged_and_writes_down_what_was() {
    let receiver = Receiver::start(|number| if number.is_multiple_of(2) { 500 } else { 204 });
    let directory = tempfile::tempdir().unwrap();
    let ids = directory.path().join("ids");
    let args = [
        "send",
        "--url",
        &receiver.url(),
        "--count",
        "6",
        "--connections",
        "2",
        "--retry",
        "--out",
        path(&ids),
    ];
    let (code, out, err) = output(&args);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let mut written: Vec<String> =
        std::fs::read_to_string(&ids).unwrap().lines().map(str::to_owned).collect();
    let accepted = receiver.requests().into_iter().filter(|request| request.status == 204);
    let mut accepted: Vec<String> =
        accepted.map(|request| request.event()["eventId"].as_str().unwrap().to_owned()).collect();
    written.sort();
    accepted.sort();
    assert_eq!(written, accepted);
    assert_eq!(written.len(), 6);
}

#[test]
fn send_posts_a_given_body_as_it_is() {
    let receiver = Receiver::start(|_| 200);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("body");
    std::fs::write(&file, EVENT).unwrap();
    let (code, _, err) = output(&["send", "--url", &receiver.url(), "--file", path(&file)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let bodies: Vec<String> = receiver.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, [EVENT]);
}

#[test]
fn send_says_when_nobody_listens() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, out, _) = output(&["send", "--url", &format!("http://127.0.0.1:{port}/x"), "--count", "1"]);
    assert_eq!(code, 69);
    assert!(out.starts_with("acknowledged 0\nanswer can't connect: "), "{out}");
}
