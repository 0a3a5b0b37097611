use std::time::Duration;

use kalends_tests::{
    Daemon, Installation, config, event,
    http::Answer,
    load::{Load, Outcome},
    wait::{PATIENCE, wait_until},
};

use crate::exactly_once::assert_exactly_once;

/// A journal of 1 MiB that can't forget anything: one of its sinks never gets a broker.
fn cramped() -> String {
    small(&config::files_and_kafka("127.0.0.1:9"))
}

fn small(configuration: &str) -> String {
    let small = "directory: ./journal, max_size: 1MiB, segment_size: 64KiB";
    configuration
        .replace("directory: ./journal", small)
        .replace("address: 127.0.0.1:0 }\nendpoints", "address: 127.0.0.1:0, max_body: 16KiB }\nendpoints")
}

/// Posts until an answer is not 200: that answer, and the ids of all events answered 200.
pub(crate) fn post_until_refused(daemon: &Daemon, name: &str) -> (Answer, Outcome) {
    let mut outcome = Outcome::default();
    let refusal = (0..20_000).find_map(|number| {
        let id = format!("{name}-{number}");
        let answer = daemon.post(event::webhook(&id, number)).unwrap();
        if answer.status == 200 {
            outcome.acknowledged.insert(id);
            return None;
        }
        outcome.unknown.insert(id);
        Some(answer)
    });
    (refusal.expect("sooner or later there is no room"), outcome)
}

#[test]
fn a_full_journal_refuses_with_503_and_drops_nothing_that_it_took() {
    let installation = Installation::new(&cramped()).unwrap();
    let daemon = installation.start().unwrap();
    let (refusal, outcome) = post_until_refused(&daemon, "full");
    assert_eq!(refusal.status, 503);
    assert!(refusal.header("retry-after").is_some());
    assert_eq!(daemon.get("/healthz").unwrap().status, 200);

    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.kill().unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

/// What only such a sink lacks goes when its room is needed: with the daemon running, and with a journal that is full already
/// when it starts.
#[test]
fn a_full_journal_refuses_nobody_for_a_sink_that_is_not_required() {
    let away = small(&config::kafka("127.0.0.1:9"));
    let optional = away.replace("brokers: \"127.0.0.1:9\"", "brokers: \"127.0.0.1:9\", required: false");
    assert_ne!(away, optional);
    let installation = Installation::new(&optional).unwrap();
    for run in ["first", "again"] {
        let daemon = installation.start().unwrap();
        let load = Load::steady(run, daemon.public(), 16, Duration::ZERO);
        let lost = wait_until("a journal that has been full for long", PATIENCE * 2, || {
            let metrics = daemon.metrics()?;
            let refused = metrics.value("kalends_http_refusals_total{reason=\"journal-full\"}");
            assert_eq!(refused, Some(0.0));
            Ok(metrics.value("kalends_journal_evicted_unread_frames_total").filter(|lost| *lost > 4_000.0))
        });
        assert!(lost.is_ok(), "{lost:?}");
        assert_eq!(load.stop().unwrap().unknown.len(), 0);
        daemon.kill().unwrap();
    }
}

/// The system refuses every byte of a file beyond a limit, in the middle of a write, as a full disk does, and sends a signal.
#[test]
fn a_disk_that_refuses_a_write_in_its_middle_costs_nothing_that_was_answered_200() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start_under("ulimit -f 256").unwrap();
    let (refusal, mut outcome) = post_until_refused(&daemon, "before");
    assert_eq!(refusal.status, 503);
    let (refusal, others) = post_until_refused(&daemon, "then");
    assert_eq!(refusal.status, 503);
    outcome.merge(others);
    assert_eq!(daemon.get("/healthz").unwrap().status, 200);
    daemon.kill().unwrap();

    let daemon = installation.start().unwrap();
    assert_eq!(daemon.post(event::webhook("mended", 0)).unwrap().status, 200);
    outcome.acknowledged.insert("mended".to_owned());
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}
