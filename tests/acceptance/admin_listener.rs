//! The pages of the admin listener, and what it keeps from the public one.

use kalends_tests::{Installation, config, event, wait::PATIENCE, wait_until};

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
