//! A new configuration for the running daemon, at SIGHUP.

use std::{fs, io::Write as _, net::TcpStream};

use kalends_tests::{Daemon, Installation, config, event, wait::PATIENCE, wait_until};
use rustix::process::Signal;

const OUTCOME: &str = "kalends_config_last_reload_successful";

/// Asks for a reload, and waits until the log has this to say of it.
pub(crate) fn reload(daemon: &mut Daemon, says: &str) -> String {
    let before = daemon.log().unwrap().lines().count();
    daemon.signal(Signal::HUP).unwrap();
    wait_until("the log to tell of the reload", PATIENCE, || {
        let log = daemon.log()?;
        Ok(log.lines().skip(before).find(|line| line.contains(says)).map(str::to_owned))
    })
    .unwrap()
}

fn with_token(file: &str) -> String {
    config::files().replace("/webhooks/rokt }", &format!("/webhooks/rokt, tokens: [{{ file: {file} }}] }}"))
}

#[test]
fn tokens_are_rotated_without_a_restart() {
    let installation = Installation::new(&with_token("token")).unwrap();
    fs::write(installation.path("token"), "first-token-of-the-test").unwrap();
    let mut daemon = installation.start().unwrap();
    let post = |daemon: &Daemon, token: &str| {
        let path = format!("{}?token={token}", config::PATH);
        daemon.send("POST", &path, &[], event::webhook(token, 0).as_bytes()).unwrap().status
    };
    assert_eq!(post(&daemon, "first-token-of-the-test"), 200);
    fs::write(installation.path("token"), "second-token-of-the-test").unwrap();
    let line = reload(&mut daemon, "a new configuration is in effect");
    assert!(line.contains("the values of secrets") && !line.contains("second-token"), "{line}");
    wait_until("the new token to be taken", PATIENCE, || {
        Ok((post(&daemon, "second-token-of-the-test") == 200).then_some(()))
    })
    .unwrap();
    assert_eq!(post(&daemon, "first-token-of-the-test"), 401);
    assert_eq!(daemon.metrics().unwrap().value(OUTCOME), Some(1.0));
}

#[test]
fn a_configuration_with_a_fault_changes_nothing_at_all() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    installation
        .configure(
            &config::files().replace("/webhooks/rokt", "/elsewhere").replace("roll_every", "roll_evry"),
        )
        .unwrap();
    let line = reload(&mut daemon, "is refused and the old one stays in effect");
    assert!(line.contains("kalends.yaml:8:"), "{line}");
    assert!(line.contains("did you mean `roll_every`?"), "{line}");
    assert_eq!(daemon.post(event::webhook("1", 0)).unwrap().status, 200);
    assert_eq!(daemon.metrics().unwrap().value(OUTCOME), Some(0.0));
}

#[test]
fn reload_opens_no_endpoint_to_everybody_while_the_old_address_stays() {
    let everywhere = config::files().replacen("127.0.0.1:0", "0.0.0.0:0", 1);
    let with_token = everywhere.replace("/webhooks/rokt }", "/webhooks/rokt, tokens: [{ file: token }] }");
    let installation = Installation::new(&with_token).unwrap();
    fs::write(installation.path("token"), "a-token-of-the-test").unwrap();
    let mut daemon = installation.start().unwrap();
    // Sound by itself: nobody else reaches a loopback address. But the listener keeps the one that it has.
    installation.configure(&config::files()).unwrap();
    let line = reload(&mut daemon, "is refused and the old one stays in effect");
    assert!(line.contains("restart instead of reloading"), "{line}");
    assert!(line.contains("endpoints.main: anybody who reaches 0.0.0.0:0 could post here"), "{line}");
    assert_eq!(daemon.post(event::webhook("1", 0)).unwrap().status, 401);
}

#[test]
fn what_has_to_wait_for_a_restart_is_named_and_the_rest_holds_at_once() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    let journal = "directory: ./journal";
    let changed = config::files()
        .replace(journal, &format!("{journal}, retain: 8d"))
        .replace("level: info", "level: debug");
    installation.configure(&changed).unwrap();
    let line = reload(&mut daemon, "take effect at the next start");
    assert!(line.contains("journal.retain"), "{line}");
    wait_until("a line at the new level", PATIENCE, || {
        // What is no HTTP is told at `debug`.
        TcpStream::connect(daemon.public())?.write_all(b"no HTTP\r\n\r\n")?;
        Ok(daemon.log()?.contains("\"level\":\"DEBUG\"").then_some(()))
    })
    .unwrap();
}

#[test]
fn sinks_come_and_go_while_webhooks_are_received() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    daemon.post(event::webhook("1", 0)).unwrap();
    let second = "  second: { kind: files, directory: ./second, roll_every: 1s }\n";
    installation.configure(&format!("{}{second}", config::files())).unwrap();
    reload(&mut daemon, "a new configuration is in effect");
    daemon.post(event::webhook("2", 0)).unwrap();
    daemon.post(event::webhook("1", 0)).unwrap();
    daemon.wait_until_delivered(&["files", "second"]).unwrap();
    let ids = |directory: &str| -> Vec<String> {
        let records = kalends_tests::files::records_under(&installation.path(directory)).unwrap();
        let mut ids: Vec<String> =
            records.iter().filter_map(|record| record.text("event_id")).map(str::to_owned).collect();
        ids.sort();
        ids
    };
    assert_eq!(
        (ids("events"), ids("second")),
        (vec!["1".to_owned(), "2".to_owned()], vec!["1".to_owned(), "2".to_owned()])
    );

    installation
        .configure(&format!("{}sinks:\n{second}", config::files().split("sinks:").next().unwrap()))
        .unwrap();
    let line = reload(&mut daemon, "a new configuration is in effect");
    assert!(line.contains("sinks.files"), "{line}");
    daemon.post(event::webhook("3", 0)).unwrap();
    daemon.wait_until_delivered(&["second"]).unwrap();
    assert_eq!((ids("events").len(), ids("second").len()), (2, 3));
    let metrics = daemon.metrics().unwrap();
    assert!(!metrics.text().contains("sink=\"files\""), "{}", metrics.text());
    assert_eq!(metrics.value("kalends_duplicates_total"), Some(1.0), "each receipt is counted once");
    assert_eq!(metrics.value("kalends_events_total{type=\"Subscribe\"}"), Some(4.0));
}

/// `check` reads the new schemas and says sound; the daemon goes on with those of its start.
#[test]
fn a_rule_for_a_field_that_the_running_schemas_lack_changes_nothing_and_delivery_goes_on() {
    let with = |sink: &str, rest: &str| {
        let sinks = config::files().replace("roll_every: 1s", &format!("roll_every: 1s{sink}"));
        format!("{sinks}schemas: {{ directory: ./schemas }}\n{rest}")
    };
    let installation = Installation::new(&with("", "")).unwrap();
    fs::create_dir(installation.path("schemas")).unwrap();
    let mut daemon = installation.start().unwrap();
    daemon.post(event::webhook("1", 0)).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();

    let schema = fs::read_to_string(format!(
        "{}/../crates/normalise/schemas/Subscribe.avsc",
        env!("CARGO_MANIFEST_DIR")
    ));
    let mut schema: serde_json::Value = serde_json::from_str(&schema.unwrap()).unwrap();
    schema["fields"].as_array_mut().unwrap().push(serde_json::json!({
        "name": "loyalty_tier", "type": ["null", "string"], "default": null, "doc": "…",
        "kalends": { "from": ["/eventDetails/subscription/loyaltyTier"] }
    }));
    fs::write(installation.path("schemas/subscribe.avsc"), schema.to_string()).unwrap();
    let rule = ", privacy: { fields: { loyalty_tier: drop } }";
    installation.configure(&with(rule, "stop_timeout: 19s\n")).unwrap();
    for _ in 0..2 {
        let line = reload(&mut daemon, "is refused and the old one stays in effect");
        assert!(line.contains("loyalty_tier"), "{line}");
        assert_eq!(daemon.metrics().unwrap().value(OUTCOME), Some(0.0));
        daemon.post(event::webhook("2", 0)).unwrap();
        daemon.post(event::webhook("3", 0)).unwrap();
        daemon.wait_until_delivered(&["files"]).unwrap();
    }

    installation.configure(&with(", strip_nul: true", "")).unwrap();
    let line = reload(&mut daemon, "a new configuration is in effect");
    assert!(line.contains("sinks.files.strip_nul") && !line.contains("stop_timeout"), "{line}");
    daemon.post(event::webhook("4", 0)).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(installation.records().unwrap().len(), 4);
}
