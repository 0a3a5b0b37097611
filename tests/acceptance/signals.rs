//! SIGTERM and SIGINT: how the daemon ends, and how soon.

use kalends_tests::{Installation, config, event, tree::files_under, wait::PATIENCE, wait_until};
use rustix::process::Signal;

/// The usual configuration, but files are published only when the daemon stops.
fn files_that_never_roll() -> String {
    config::files().replace("roll_every: 1s", "roll_every: 1h")
}

#[test]
fn sigterm_ends_with_0_and_leaves_complete_files() {
    let installation = Installation::new(&files_that_never_roll()).unwrap();
    let daemon = installation.start().unwrap();
    for number in 0..20 {
        let answer = daemon.post(event::webhook(&format!("stop-{number}"), number)).unwrap();
        assert_eq!(answer.status, 200);
    }
    let status = daemon.terminate().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(installation.records().unwrap().len(), 20);
    let parts = files_under(&installation.path("events/.kalends")).unwrap();
    assert!(
        !parts.iter().any(|file| file.extension().is_some_and(|e| e == "avro")),
        "unpublished: {parts:?}"
    );
}

#[test]
fn ctrl_c_stops_like_sigterm() {
    let installation = Installation::new(&files_that_never_roll()).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(event::webhook("interrupted", 0)).unwrap();
    assert_eq!(daemon.stop_with(Signal::INT).unwrap().code(), Some(0));
    assert_eq!(installation.records().unwrap().len(), 1);
}

/// Neither a broker that is down nor what it has not got may keep the daemon from stopping.
#[test]
fn sigterm_ends_with_0_while_a_sink_can_not_commit() {
    let configuration = format!("{}stop_timeout: 1s\n", config::files_and_kafka("127.0.0.1:9"));
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(event::webhook("waits", 0)).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert_eq!(installation.records().unwrap().len(), 1, "the other sink has committed");
    let log = std::fs::read_to_string(installation.path("log-001.jsonl")).unwrap();
    let told = |words: [&str; 2]| log.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(told(["has committed everything", r#""sink":"files""#]), "{log}");
    assert!(told([r#""waiting":1"#, r#""sink":"kafka""#]), "what waits is told: {log}");
    assert!(!told(["has committed everything", r#""sink":"kafka""#]), "{log}");
}

#[test]
fn a_second_signal_ends_at_once() {
    let configuration = format!("{}stop_timeout: 1h\n", config::kafka("127.0.0.1:9"));
    let installation = Installation::new(&configuration).unwrap();
    let mut daemon = installation.start().unwrap();
    daemon.post(event::webhook("waits", 0)).unwrap();
    daemon.signal(Signal::TERM).unwrap();
    wait_until("the daemon to be unready", PATIENCE, || {
        Ok((daemon.get("/readyz")?.status == 503).then_some(()))
    })
    .unwrap();
    assert_eq!(daemon.stop_with(Signal::TERM).unwrap().code(), Some(0));
}
