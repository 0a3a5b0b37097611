//! Storage of webhooks, and answers when nothing can be stored.

use crate::{
    client::{post, target, webhook},
    daemon::Daemon,
};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn the_body_is_stored_byte_for_byte_whatever_it_says() {
    let daemon = Daemon::start();
    let bodies: Vec<Vec<u8>> = vec![
        b"not json".to_vec(),
        vec![0, 255, 13, 10],
        (0..=255).cycle().take(300_000).collect(),
        b" ".to_vec(),
    ];
    let mut client = daemon.connect();
    for body in &bodies {
        assert_eq!(client.exchange(webhook(body)).status, 200);
    }
    assert_eq!(daemon.stored_bodies(), bodies);
}

#[test]
fn the_envelope_says_where_when_and_in_which_trace() {
    let daemon = Daemon::start();
    let headers = ["Content-Length: 2", &format!("traceparent: {PARENT}"), "tracestate: a=1"];
    assert_eq!(daemon.connect().exchange(post(&target(), &headers, "{}")).status, 200);
    let stored = daemon.stored().remove(0);
    assert_eq!(stored.endpoint, "main");
    assert_eq!(stored.traceparent.as_deref(), Some(PARENT));
    assert_eq!(stored.tracestate.as_deref(), Some("a=1"));
    let last = daemon.metric("kalends_ingress_last_accepted_timestamp_seconds");
    let whole_seconds = stored.received_at / 1_000_000;
    assert_eq!(format!("{}", last.floor()), whole_seconds.to_string());
}

#[test]
fn a_trace_context_that_breaks_the_rules_is_left_out() {
    let daemon = Daemon::start();
    let headers = ["Content-Length: 2", "traceparent: nonsense", "tracestate: a=1"];
    assert_eq!(daemon.connect().exchange(post(&target(), &headers, "{}")).status, 200);
    let stored = daemon.stored().remove(0);
    assert_eq!((stored.traceparent, stored.tracestate), (None, None));
}

#[test]
fn a_full_journal_gets_503() {
    let daemon = Daemon::start_on(|_| {}, |journal| journal.min_free_bytes = u64::MAX);
    let answer = daemon.connect().exchange(webhook("{}"));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert!(
        (daemon.metric("kalends_http_refusals_total{reason=\"journal-full\"}") - 1.0).abs() < f64::EPSILON
    );
}

#[test]
fn what_the_journal_can_never_take_gets_503_and_its_own_reason() {
    let daemon = Daemon::start_on(|_| {}, |journal| journal.max_payload_bytes = 1000);
    assert_eq!(daemon.connect().exchange(webhook(vec![b'x'; 2000])).status, 503);
    assert!((daemon.metric("kalends_http_refusals_total{reason=\"unstorable\"}") - 1.0).abs() < f64::EPSILON);
    assert_eq!(daemon.connect().exchange(webhook("{}")).status, 200);
}

#[test]
fn many_clients_at_once_are_all_stored() {
    let daemon = Daemon::start();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let daemon = &daemon;
            scope.spawn(move || {
                let mut client = daemon.connect();
                for number in 0..20 {
                    assert_eq!(client.exchange(webhook(format!("{thread}-{number}"))).status, 200);
                }
            });
        }
    });
    let mut bodies = daemon.stored_bodies();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 160);
}
