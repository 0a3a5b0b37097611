//! The body of a request that is refused: read, or its connection closed, and the answer says which.

use crate::{
    client::{post, target, webhook},
    daemon::{Daemon, PATH},
};

/// A request that is refused whatever its body is, and by what.
fn refusals() -> [(u16, String, &'static str); 3] {
    [
        (404, "/nothing".to_owned(), "Accept: */*"),
        (401, PATH.to_owned(), "Accept: */*"),
        (415, target(), "Content-Encoding: gzip"),
    ]
}

#[test]
fn refusal_before_the_body_has_come_says_that_it_closes_the_connection() {
    let daemon = Daemon::start();
    for (status, target, header) in refusals() {
        let mut client = daemon.connect();
        let answer = client.exchange(post(&target, &[header, "Content-Length: 5"], "12"));
        assert_eq!((answer.status, answer.header("connection")), (status, Some("close")));
        assert!(client.is_closed());
    }
    let full = Daemon::start_on(|_| {}, |journal| journal.min_free_bytes = u64::MAX);
    // Only a write shows that the disk is full.
    assert_eq!(full.connect().exchange(webhook("{}")).status, 503);
    let answer = full.connect().exchange(post(&target(), &["Content-Length: 5"], ""));
    assert_eq!((answer.status, answer.header("connection")), (503, Some("close")));
}

#[test]
fn refusal_of_a_body_that_has_come_keeps_the_connection() {
    let daemon = Daemon::start();
    let body = "x".repeat(20_000);
    let length = format!("Content-Length: {}", body.len());
    for (status, target, header) in refusals() {
        let mut client = daemon.connect();
        let answer = client.exchange(post(&target, &[header, &length], &body));
        assert_eq!((answer.status, answer.header("connection")), (status, None));
        assert_eq!(client.exchange(webhook("{}")).status, 200);
    }
}

#[test]
fn refusal_of_a_body_that_waits_to_be_asked_for_does_not_ask_for_it() {
    let daemon = Daemon::start();
    let expect = ["Content-Length: 2", "Expect: 100-continue"];
    let mut client = daemon.connect();
    let answer = client.exchange(post(PATH, &expect, ""));
    assert_eq!((answer.status, answer.header("connection")), (401, Some("close")));
    assert!(client.is_closed());
}

#[test]
fn what_comes_after_a_refusal_is_read_up_to_a_bound() {
    const MEBIBYTE: usize = 1 << 20;
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    client.send(post(&target(), &["Content-Length: 4000000000"], ""));
    let piece = vec![b'x'; MEBIBYTE];
    let taken = (0..500).take_while(|_| client.takes(&piece)).count();
    // What is read, and what the kernel buffers of both ends hold.
    assert!(taken < 100, "{taken} MiB of a refused body were read");
}
