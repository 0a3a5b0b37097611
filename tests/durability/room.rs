use std::collections::BTreeSet;

use kalends_tests::{Installation, config, event, load::Outcome};

use crate::account::assert_exactly_once;

/// A journal of 1 MiB that can't forget anything: one of its sinks never gets a broker.
fn cramped() -> String {
    let small = "directory: ./journal, max_size: 1MiB, segment_size: 64KiB";
    config::files_and_kafka("127.0.0.1:9")
        .replace("directory: ./journal", small)
        .replace("address: 127.0.0.1:0 }\nendpoints", "address: 127.0.0.1:0, max_body: 16KiB }\nendpoints")
}

#[test]
fn a_full_journal_refuses_with_503_and_drops_nothing_that_it_took() {
    let installation = Installation::new(&cramped()).unwrap();
    let daemon = installation.start().unwrap();
    let mut acknowledged = BTreeSet::new();
    let refusal = (0..20_000).find_map(|number| {
        let id = format!("full-{number}");
        let answer = daemon.post(event::webhook(&id, number)).unwrap();
        if answer.status == 200 {
            acknowledged.insert(id);
            return None;
        }
        Some(answer)
    });
    let refusal = refusal.expect("a journal of 1 MiB gets full");
    assert_eq!(refusal.status, 503);
    assert!(refusal.header("retry-after").is_some());
    assert_eq!(daemon.get("/healthz").unwrap().status, 200);

    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.kill().unwrap();
    let outcome = Outcome { acknowledged, ..Outcome::default() };
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}
