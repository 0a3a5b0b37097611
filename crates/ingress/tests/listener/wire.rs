//! HTTP/1.1 as it can come over a wire.

use crate::{
    client::{post, target, webhook},
    daemon::{Daemon, PATH, TOKEN},
};

#[test]
fn a_connection_serves_many_requests_also_after_a_refusal() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    assert_eq!(client.exchange(webhook("1")).status, 200);
    assert_eq!(client.exchange(post("/nothing", &["Content-Length: 1"], "2")).status, 404);
    assert_eq!(client.exchange(webhook("3")).status, 200);
    assert_eq!(daemon.stored_bodies(), [b"1", b"3"]);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    let mut all = webhook("1");
    all.extend(post("/nothing", &["Content-Length: 1"], "2"));
    all.extend(webhook("3"));
    client.send(all);
    assert_eq!([client.answer().status, client.answer().status, client.answer().status], [200, 404, 200]);
    assert_eq!(daemon.stored_bodies(), [b"1", b"3"]);
}

#[test]
fn one_byte_at_a_time_is_fine() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    for byte in webhook("{\"a\":1}") {
        client.send([byte]);
    }
    assert_eq!(client.answer().status, 200);
    assert_eq!(daemon.stored_bodies(), [b"{\"a\":1}"]);
}

#[test]
fn one_byte_chunks_are_put_together() {
    let daemon = Daemon::start();
    let body = "{\"hello\":\"world\"}";
    let chunks = body.chars().map(|c| format!("1;ext=1\r\n{c}\r\n")).collect::<Vec<_>>().concat();
    let bytes = post(&target(), &["Transfer-Encoding: chunked"], format!("{chunks}0\r\nTrailer: x\r\n\r\n"));
    assert_eq!(daemon.connect().exchange(bytes).status, 200);
    assert_eq!(daemon.stored_bodies(), [body.as_bytes()]);
}

#[test]
fn a_body_cut_short_is_not_stored() {
    let daemon = Daemon::start();
    for request in [
        post(&target(), &["Content-Length: 10"], "{}"),
        post(&target(), &["Transfer-Encoding: chunked"], "2\r\n{}\r\n"),
    ] {
        let mut client = daemon.connect();
        client.send(request);
        client.close_sending_half();
        assert_eq!(client.answer().status, 400);
        assert!(client.is_closed());
    }
    assert!(daemon.stored().is_empty());
}

#[test]
fn a_body_coded_in_another_way_than_by_chunks_is_refused_and_not_stored() {
    let daemon = Daemon::start();
    let chunk = "2\r\n{}\r\n0\r\n\r\n";
    for codings in [
        &["Transfer-Encoding: gzip, chunked"][..],
        &["Transfer-Encoding: chunked, chunked"],
        &["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"],
        &["Transfer-Encoding: identity, chunked"],
    ] {
        let mut client = daemon.connect();
        assert_eq!(client.exchange(post(&target(), codings, chunk)).status, 415, "{codings:?}");
    }
    assert_eq!(
        daemon.connect().exchange(post(&target(), &["Transfer-Encoding: Chunked"], chunk)).status,
        200
    );
    assert_eq!(daemon.stored_bodies(), [b"{}"]);
}

#[test]
fn http_1_1_needs_one_host() {
    let daemon = Daemon::start();
    let without = format!("POST {} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}", target());
    assert_eq!(daemon.connect().exchange(without).status, 400);
    let two = post(&target(), &["Host: other", "Content-Length: 2"], "{}");
    assert_eq!(daemon.connect().exchange(two).status, 400);
    assert!(daemon.stored().is_empty());
}

#[test]
fn broken_chunks_get_400() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    let answer = client.exchange(post(&target(), &["Transfer-Encoding: chunked"], "nonsense\r\n\r\n"));
    assert_eq!(answer.status, 400);
    assert!(client.is_closed());
}

#[test]
fn a_client_that_closes_its_sending_half_still_gets_its_answer() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    // With so many, the end has come long before the last answer is due.
    client.send(webhook("{}").repeat(30));
    client.close_sending_half();
    for _ in 0..30 {
        assert_eq!(client.answer().status, 200);
    }
    assert!(client.is_closed());
}

#[test]
fn the_body_is_asked_for_only_when_it_is_wanted() {
    let daemon = Daemon::start();
    let expect = ["Content-Length: 2", "Expect: 100-continue"];
    let mut client = daemon.connect();
    assert_eq!(client.exchange(post(&target(), &expect, "")).status, 100);
    assert_eq!(client.exchange("{}").status, 200);
    assert_eq!(daemon.connect().exchange(post(PATH, &expect, "")).status, 401);
}

#[test]
fn http_1_0_and_absolute_targets_are_understood() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    client.send(format!("POST {PATH}?token={TOKEN} HTTP/1.0\r\nContent-Length: 2\r\n\r\n{{}}"));
    assert_eq!(client.answer().status, 200);
    assert!(client.is_closed());
    let absolute = format!("http://kalends{PATH}?token={TOKEN}");
    assert_eq!(daemon.connect().exchange(post(&absolute, &["Content-Length: 2"], "{}")).status, 200);
}

#[test]
fn what_is_no_http_is_told_so_and_ends_nothing() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n");
    assert_eq!(client.answer().status, 400);
    assert!(client.is_closed());
    daemon.wait_until("kalends_http_malformed_total", |count| count > 0.5);
    drop(daemon.connect());
    assert_eq!(daemon.connect().exchange(webhook("{}")).status, 200);
}

#[test]
fn clients_that_leave_before_their_answer_break_nothing() {
    let daemon = Daemon::start();
    for _ in 0..50 {
        daemon.connect().send(webhook("{}"));
    }
    assert_eq!(daemon.connect().exchange(webhook("{}")).status, 200);
    daemon.wait_until("kalends_http_in_flight_bytes", |bytes| bytes < 1.0);
    daemon.wait_until("kalends_http_connections", |count| count < 0.5);
}
