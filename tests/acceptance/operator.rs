use kalends_tests::{Installation, config, event, tree::files_under, wait::PATIENCE, wait_until};
use rustix::process::Signal;

/// The same, but files are published only when the daemon stops.
fn files_that_never_roll() -> String {
    config::files().replace("roll_every: 1s", "roll_every: 1h")
}

#[test]
fn the_operators_pages_answer() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    for page in ["/", "/healthz", "/readyz", "/metrics", "/status"] {
        assert_eq!(daemon.get(page).unwrap().status, 200, "{page}");
    }
    assert_eq!(daemon.get("/elsewhere").unwrap().status, 404);
    let status = daemon.status().unwrap().to_string();
    assert!(status.contains("\"files\""), "the sink is named: {status}");
}

#[test]
fn status_shows_times_that_people_can_read() {
    let installation = Installation::new(&config::files()).unwrap();
    let status = installation.start().unwrap().status().unwrap();
    for pointer in ["/started_at", "/sinks/0/since"] {
        let time = status.pointer(pointer).and_then(serde_json::Value::as_str);
        assert!(time.is_some_and(|time| time.contains('T') && time.ends_with('Z')), "{pointer}: {status}");
    }
}

#[test]
fn metrics_count_what_came_and_what_was_mended() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(r#"{"eventId":"1","eventType":"Unsubscribe","eventDetails":{"favourite":1,},}"#).unwrap();
    daemon.post(event::webhook("2", 0)).unwrap();
    daemon.post("no event").unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    let counted = [
        (r#"kalends_events_total{type="Unsubscribe"}"#, 1.0),
        (r#"kalends_events_total{type="Subscribe"}"#, 1.0),
        (r#"kalends_events_total{type="Test"}"#, 0.0),
        (r#"kalends_quirks_total{quirk="trailing-comma"}"#, 1.0),
        (r#"kalends_quirks_total{quirk="unknown-field"}"#, 1.0),
        (r#"kalends_dead_letters_total{reason="invalid-json"}"#, 1.0),
        (r#"kalends_sink_delivered_records_total{sink="files"}"#, 3.0),
        (r#"kalends_sink_lag_events{sink="files"}"#, 0.0),
        (r#"kalends_sink_oldest_undelivered_timestamp_seconds{sink="files"}"#, 0.0),
    ];
    wait_until("the metrics to tell", PATIENCE, || {
        let metrics = daemon.metrics()?;
        for (series, value) in counted {
            let told = metrics.value(series);
            anyhow::ensure!(told == Some(value), "{series} is {told:?}, not {value}");
        }
        Ok(Some(()))
    })
    .unwrap();
}

#[test]
fn the_admin_listener_takes_no_webhooks_and_the_public_one_shows_no_metrics() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    assert_eq!(daemon.send("GET", "/metrics", &[], b"").unwrap().status, 404);
    assert_eq!(daemon.get(config::PATH).unwrap().status, 404);
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

#[test]
fn a_second_daemon_on_the_same_journal_is_refused() {
    let installation = Installation::new(&config::files()).unwrap();
    let first = installation.start().unwrap();
    let Err(error) = installation.start() else { panic!("two writers on one journal") };
    assert!(format!("{error:#}").contains("journal"), "{error:#}");
    assert_eq!(first.post(event::webhook("still", 0)).unwrap().status, 200);
}

#[test]
fn a_slow_sink_keeps_nothing_from_being_received() {
    let installation = Installation::new(&config::files_and_kafka("127.0.0.1:9")).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(event::webhook("one", 0)).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    wait_until("the lag of the sink without a broker", PATIENCE, || {
        let lag = daemon.metrics()?.value(r#"kalends_sink_lag_events{sink="kafka"}"#);
        Ok((lag == Some(1.0)).then_some(()))
    })
    .unwrap();
    assert_eq!(daemon.get("/readyz").unwrap().status, 200, "a broker that is down keeps it ready");
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
