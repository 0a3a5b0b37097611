//! Clients that take their time. Only the time-out under test is short.

use std::time::Duration;

use crate::{
    client::{post, target, webhook},
    daemon::Daemon,
};

const SHORT: Duration = Duration::from_millis(100);

#[test]
fn a_slow_head_gets_408_and_the_connection_is_closed() {
    let daemon = Daemon::start_with(|settings| settings.header_timeout = SHORT);
    for begun in ["P", "PRI * HTTP/2.0", "POST /webhooks/rokt HTT", "POST / HTTP/1.1\r\nHost: x\r\n"] {
        let mut client = daemon.connect();
        let answer = client.exchange(begun);
        assert_eq!((answer.status, answer.header("connection")), (408, Some("close")), "{begun:?}");
        assert!(client.is_closed());
    }
    daemon.wait_until("kalends_http_requests_total{code=\"408\"}", |count| count > 3.5);
}

#[test]
fn a_slow_second_head_gets_408() {
    let daemon = Daemon::start_with(|settings| settings.header_timeout = SHORT);
    let mut client = daemon.connect();
    assert_eq!(client.exchange(webhook("{}")).status, 200);
    let answer = client.exchange("POST");
    assert_eq!(answer.status, 408);
    assert!(client.is_closed());
}

#[test]
fn a_client_that_never_asks_is_closed_without_a_word() {
    let daemon = Daemon::start_with(|settings| settings.header_timeout = SHORT);
    assert!(daemon.connect().is_closed());
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let daemon = Daemon::start_with(|settings| settings.idle_timeout = SHORT);
    let mut client = daemon.connect();
    assert_eq!(client.exchange(webhook("{}")).status, 200);
    assert!(client.is_closed());
}

#[test]
fn a_slow_body_gets_408_and_the_connection_is_closed() {
    let daemon = Daemon::start_with(|settings| settings.body_timeout = SHORT);
    let requests = [
        post(&target(), &["Content-Length: 3"], "{}"),
        post(&target(), &["Transfer-Encoding: chunked"], "2\r\n{}\r\n"),
    ];
    for request in requests {
        let mut client = daemon.connect();
        let answer = client.exchange(request);
        assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
        assert!(client.is_closed());
    }
    assert!(daemon.stored().is_empty());
}

#[test]
fn a_body_may_take_longer_than_a_head_and_than_idleness() {
    let daemon = Daemon::start_with(|settings| {
        settings.header_timeout = SHORT;
        settings.idle_timeout = SHORT;
        settings.body_timeout = SHORT * 5;
    });
    let mut client = daemon.connect();
    client.send(post(&target(), &["Content-Length: 3"], "{}"));
    // The first thing to end is the body's time, although the others are long over.
    assert_eq!(client.answer().status, 408);
    assert!((daemon.metric("kalends_http_refusals_total{reason=\"slow\"}") - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_journal_that_takes_too_long_gets_503() {
    const LARGE: usize = 32 << 20;
    // No disk writes so much within the tick of a timer.
    let daemon = Daemon::start_on(
        |settings| {
            settings.append_timeout = Duration::ZERO;
            settings.max_body_bytes = LARGE;
            settings.max_in_flight_bytes = LARGE * 2;
        },
        |journal| journal.max_payload_bytes = LARGE * 2,
    );
    let answer = daemon.connect().exchange(webhook(vec![b'x'; LARGE]));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert!(
        (daemon.metric("kalends_http_refusals_total{reason=\"append-timeout\"}") - 1.0).abs() < f64::EPSILON
    );
}
