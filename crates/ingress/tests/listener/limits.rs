//! Bounds of size and number.

use crate::{
    client::{post, target, webhook},
    daemon::Daemon,
};

const CHUNKED: &str = "Transfer-Encoding: chunked";

#[test]
fn a_body_of_exactly_the_limit_is_taken() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 100_000);
    let body = vec![b'x'; 100_000];
    assert_eq!(daemon.connect().exchange(webhook(&body)).status, 200);
    assert_eq!(daemon.stored_bodies(), [body]);
}

#[test]
fn a_claimed_length_over_the_limit_gets_413_before_the_body_is_sent() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 100);
    for claimed in ["101", "9223372036854775807"] {
        let mut client = daemon.connect();
        let answer = client.exchange(post(&target(), &[&format!("Content-Length: {claimed}")], ""));
        assert_eq!((answer.status, answer.header("connection")), (413, Some("close")));
        assert!(answer.body.starts_with("body is larger than 100 bytes"), "{}", answer.body);
        assert!(client.is_closed());
    }
}

/// A reset would take the answer away from clients that send everything before they read.
#[test]
fn a_client_that_sends_on_after_413_is_listened_to() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 1000);
    let mut client = daemon.connect();
    let answer = client.exchange(post(&target(), &["Content-Length: 8000000"], "x"));
    assert_eq!(answer.status, 413);
    client.send(vec![b'x'; 7_999_999]);
    client.close_sending_half();
    assert!(client.is_closed());
}

#[test]
fn a_streamed_body_over_the_limit_gets_413() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 100);
    let mut client = daemon.connect();
    client.send(post(&target(), &[CHUNKED], ""));
    client.send(format!("64\r\n{}\r\n", "x".repeat(100)));
    let answer = client.exchange("1\r\nx\r\n");
    assert_eq!((answer.status, answer.header("connection")), (413, Some("close")));
    assert!(client.is_closed());
    assert!(daemon.stored().is_empty());
}

#[test]
fn a_streamed_body_of_exactly_the_limit_is_taken() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 100);
    let body = "x".repeat(100);
    let answer = daemon.connect().exchange(post(&target(), &[CHUNKED], format!("64\r\n{body}\r\n0\r\n\r\n")));
    assert_eq!(answer.status, 200);
    assert_eq!(daemon.stored_bodies(), [body.into_bytes()]);
}

#[test]
fn too_many_bytes_in_flight_get_503_and_are_given_back() {
    let daemon = Daemon::start_with(|settings| {
        settings.max_body_bytes = 15_000;
        settings.max_in_flight_bytes = 20_000;
    });
    let mut slow = daemon.connect();
    slow.send(post(&target(), &["Content-Length: 15000"], "x"));
    daemon.wait_until("kalends_http_in_flight_bytes", |bytes| bytes >= 15_000.0);
    let answer = daemon.connect().exchange(webhook(vec![b'x'; 15_000]));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert_eq!(slow.exchange(vec![b'x'; 14_999]).status, 200);
    daemon.wait_until("kalends_http_in_flight_bytes", |bytes| bytes < 1.0);
    assert_eq!(daemon.connect().exchange(webhook(vec![b'x'; 15_000])).status, 200);
}

#[test]
fn a_client_that_leaves_in_its_body_leaves_nothing_behind() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    client.send(post(&target(), &["Content-Length: 1000"], "x"));
    daemon.wait_until("kalends_http_in_flight_bytes", |bytes| bytes >= 1000.0);
    drop(client);
    daemon.wait_until("kalends_http_in_flight_bytes", |bytes| bytes < 1.0);
    assert!(daemon.stored().is_empty());
}

#[test]
fn too_many_connections_that_are_being_answered_get_503_and_their_place_is_given_back() {
    let daemon = Daemon::start_with(|settings| settings.max_connections = 2);
    let mut busy = [daemon.connect(), daemon.connect()];
    let mut taken = 0.0;
    for client in &mut busy {
        client.send(post(&target(), &["Content-Length: 2"], "{"));
        // A body's memory is taken when its request is looked at.
        daemon.wait_until("kalends_http_in_flight_bytes", |bytes| bytes > taken);
        taken = daemon.metric("kalends_http_in_flight_bytes");
    }
    let mut third = daemon.connect();
    let answer = third.exchange(webhook("{}"));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert!(third.is_closed());
    let [mut first, second] = busy;
    assert_eq!(first.exchange("}").status, 200);
    drop(second);
    daemon.wait_until("kalends_http_connections", |count| count < 1.5);
    assert_eq!(daemon.connect().exchange(webhook("{}")).status, 200);
}

#[test]
fn with_too_many_connections_the_one_that_was_idle_longest_makes_room() {
    let daemon = Daemon::start_with(|settings| settings.max_connections = 2);
    let (mut first, mut silent) = (daemon.connect(), daemon.connect());
    daemon.wait_until("kalends_http_connections", |count| count > 1.5);
    assert_eq!(first.exchange(webhook("{}")).status, 200);
    let mut third = daemon.connect();
    assert_eq!(third.exchange(webhook("{}")).status, 200);
    assert!(silent.is_closed());
    assert_eq!(first.exchange(webhook("{}")).status, 200, "it has asked later");
    assert_eq!(daemon.connect().exchange(webhook("{}")).status, 200);
    assert!(third.is_closed());
    daemon.wait_until("kalends_http_displaced_total", |count| count > 1.5);
}

#[test]
fn a_head_without_end_gets_431() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    client.send_at_will(&post(&target(), &[&format!("X-Long: {}", "x".repeat(100_000))], ""));
    assert_eq!(client.answer().status, 431);
    assert!(client.is_closed());
}
