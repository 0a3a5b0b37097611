//! The end of serving.

use std::{net::TcpStream, time::Duration};

use kalends_ingress::Ended;

use crate::{
    client::{Client, post, target, webhook},
    daemon::Daemon,
};

fn with_a_request_running(daemon: &Daemon) -> Client {
    let mut client = daemon.connect();
    client.send(post(&target(), &["Content-Length: 3"], "{}"));
    daemon.wait_until("kalends_http_in_flight_bytes", |bytes| bytes > 0.0);
    client
}

#[test]
fn a_running_request_is_answered_and_the_last_one_of_its_connection() {
    let daemon = Daemon::start();
    let mut client = with_a_request_running(&daemon);
    let stopping = daemon.stop();
    let answer = client.exchange(" ");
    assert_eq!(answer.status, 200);
    assert!(client.is_closed());
    drop(client);
    assert_eq!(stopping.end(), (Ended::Drained, 1));
}

#[test]
fn idle_connections_are_closed_and_new_ones_refused() {
    let daemon = Daemon::start();
    let address = daemon.address;
    let mut idle = daemon.connect();
    assert_eq!(idle.exchange(webhook("{}")).status, 200);
    let mut silent = daemon.connect();
    daemon.wait_until("kalends_http_connections", |count| count > 1.5);
    let stopping = daemon.stop();
    assert!(idle.is_closed());
    assert!(silent.is_closed());
    drop((idle, silent));
    assert_eq!(stopping.end().0, Ended::Drained);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_request_that_takes_too_long_is_cut() {
    let daemon = Daemon::start_with(|settings| settings.drain_timeout = Duration::from_millis(100));
    let mut client = with_a_request_running(&daemon);
    assert_eq!(daemon.stop().end(), (Ended::Cut { connections: 1 }, 0));
    assert!(client.is_closed());
}

#[test]
fn a_closed_journal_gets_503() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    assert_eq!(client.exchange(webhook("{}")).status, 200);
    let Daemon { journal, .. } = daemon;
    journal.close().unwrap();
    let answer = client.exchange(webhook("{}"));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
}
