use kalends_tests::{Daemon, Installation, config, sample};

use crate::expected_records::{lasting, of_sample};

fn post_all(daemon: &Daemon) {
    for sample in sample::seven().unwrap().iter().chain(&[sample::test_event()]) {
        let answer = daemon.post(&sample.body).unwrap();
        assert_eq!((answer.status, answer.text()), (200, String::new()), "{}", sample.name);
    }
}

#[test]
fn every_documented_payload_becomes_its_record_on_its_topic() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post_all(&daemon);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let records = installation.records().unwrap();
    assert_eq!(records.len(), 8);
    for sample in sample::seven().unwrap() {
        let landed: Vec<_> = records.iter().filter(|record| record.topic == sample.topic()).collect();
        assert_eq!(landed.len(), 1, "{}: one record on {}", sample.name, sample.topic());
        assert_eq!(lasting(landed[0]), of_sample(sample.name), "{}", sample.name);
    }
    let test = records.iter().find(|record| record.topic == "rokt.calendar.test").unwrap();
    assert_eq!(test.text("event_type"), Some("Test"));
    assert_eq!(test.text("event_details"), Some(r#"{"message":"a test"}"#));
}

#[test]
fn positions_tell_the_order_in_which_payloads_came() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post_all(&daemon);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let mut records = installation.records().unwrap();
    records.sort_by_key(|record| record.number("journal_position"));
    let order: Vec<_> =
        records.iter().map(|record| record.topic.trim_start_matches("rokt.calendar.")).collect();
    let sent: Vec<_> = sample::seven().unwrap().iter().map(|sample| sample.suffix).collect();
    assert_eq!(order, [sent, vec!["test"]].concat());
    let journals: std::collections::BTreeSet<_> =
        records.iter().map(|record| record.text("journal_id")).collect();
    assert_eq!(journals.len(), 1);
}

#[test]
fn payloads_sent_again_add_nothing_but_the_tests_record() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post_all(&daemon);
    daemon.wait_until_delivered(&["files"]).unwrap();
    post_all(&daemon);
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(daemon.metrics().unwrap().value("kalends_duplicates_total"), Some(7.0));
    daemon.terminate().unwrap();

    // The window is rebuilt from the journal: a restart forgets nothing.
    let daemon = installation.start().unwrap();
    post_all(&daemon);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let records = installation.records().unwrap();
    let tests = records.iter().filter(|record| record.topic == "rokt.calendar.test").count();
    assert_eq!((records.len(), tests), (10, 3));
}

#[test]
fn an_event_of_a_type_nobody_knows_keeps_its_details_and_its_type() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon
        .post(r#"{"eventId":"1","eventType":"SubscriptionPaused","eventDetails":{"until":"2030"}}"#)
        .unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    let records = installation.records().unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].topic, "rokt.calendar.unknown");
    assert_eq!(records[0].text("event_type"), Some("SubscriptionPaused"));
    assert_eq!(records[0].text("event_details"), Some(r#"{"until":"2030"}"#));
}
