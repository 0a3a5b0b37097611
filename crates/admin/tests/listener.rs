//! The operator's listener over real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use kalends_admin::{Probe, Server, StartError};
use prometheus::{IntCounter, Registry};
use serde_json::{Value, json};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

struct Calm;

impl Probe for Calm {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn status(&self) -> Value {
        json!({ "uptime_seconds": 5, "sinks": { "files": { "state": "running" } } })
    }
}

struct Unready;

impl Probe for Unready {
    fn ready(&self) -> Result<(), String> {
        Err("the journal is full".to_owned())
    }

    fn status(&self) -> Value {
        panic!("a probe that dies")
    }
}

/// Answers nothing until it is let go.
#[derive(Default)]
struct Stuck(Mutex<bool>, Condvar);

impl Stuck {
    fn wait(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |free| !*free).unwrap());
    }

    fn let_go(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

impl Probe for Stuck {
    fn ready(&self) -> Result<(), String> {
        self.wait();
        Ok(())
    }

    fn status(&self) -> Value {
        self.wait();
        Value::Null
    }
}

fn start(probe: impl Probe) -> Server {
    Server::start(LOOPBACK, None, Registry::new(), Arc::new(probe)).unwrap()
}

fn ask(server: &Server, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(server.local_addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn status_and_body(answer: &str) -> (&str, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (&head[9..12], body)
}

#[test]
fn metrics_come_in_the_text_format() {
    let registry = Registry::new();
    let counter = IntCounter::new("kalends_things_total", "Things.").unwrap();
    registry.register(Box::new(counter.clone())).unwrap();
    counter.inc();
    let server = Server::start(LOOPBACK, None, registry, Arc::new(Calm)).unwrap();
    let answer = ask(&server, "GET", "/metrics");
    assert_eq!(status_and_body(&answer).0, "200");
    assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
    assert!(answer.contains("\nkalends_things_total 1\n"), "{answer}");
    server.stop();
}

#[test]
fn a_ready_daemon_is_healthy_and_ready() {
    let server = start(Calm);
    assert_eq!(status_and_body(&ask(&server, "GET", "/healthz")), ("200", "ok\n"));
    assert_eq!(status_and_body(&ask(&server, "GET", "/readyz")), ("200", "ready\n"));
}

#[test]
fn a_daemon_that_is_not_ready_says_why_and_stays_healthy() {
    let server = start(Unready);
    assert_eq!(status_and_body(&ask(&server, "GET", "/readyz")), ("503", "the journal is full\n"));
    assert_eq!(status_and_body(&ask(&server, "GET", "/healthz")), ("200", "ok\n"));
}

#[test]
fn status_is_json() {
    let server = start(Calm);
    let answer = ask(&server, "GET", "/status");
    let (status, body) = status_and_body(&answer);
    assert_eq!(status, "200");
    assert!(answer.contains("content-type: application/json"), "{answer}");
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), Calm.status());
}

#[test]
fn a_probe_that_dies_takes_nothing_with_it() {
    let server = start(Unready);
    assert_eq!(status_and_body(&ask(&server, "GET", "/status")).0, "503");
    assert_eq!(status_and_body(&ask(&server, "GET", "/readyz")).0, "503");
    assert_eq!(status_and_body(&ask(&server, "GET", "/healthz")).0, "200");
}

#[test]
fn a_stuck_daemon_is_told_from_a_dead_one() {
    let probe = Arc::new(Stuck::default());
    let asked: Arc<dyn Probe> = probe.clone();
    let server = Server::start(LOOPBACK, None, Registry::new(), asked).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(status_and_body(&ask(&server, "GET", "/status")).0, "503"));
        }
    });
    assert_eq!(status_and_body(&ask(&server, "GET", "/healthz")).0, "200");
    probe.let_go();
    assert_eq!(status_and_body(&ask(&server, "GET", "/readyz")).0, "200");
    server.stop();
}

#[test]
fn stopping_does_not_wait_for_a_stuck_daemon() {
    let probe = Arc::new(Stuck::default());
    let asked: Arc<dyn Probe> = probe.clone();
    let server = Server::start(LOOPBACK, None, Registry::new(), asked).unwrap();
    assert_eq!(status_and_body(&ask(&server, "GET", "/status")).0, "503");
    let address = server.local_addr();
    server.stop();
    assert!(TcpStream::connect(address).is_err());
    probe.let_go();
}

#[test]
fn other_paths_and_methods_are_refused() {
    let server = start(Calm);
    for path in ["/nothing", "/metrics/", "//", "/status.json"] {
        assert_eq!(status_and_body(&ask(&server, "GET", path)).0, "404", "{path}");
        assert_eq!(status_and_body(&ask(&server, "POST", path)).0, "404", "{path}");
    }
    for path in ["/", "/metrics", "/healthz", "/readyz", "/status"] {
        let answer = ask(&server, "POST", path);
        assert_eq!(status_and_body(&answer).0, "405", "{path}");
        assert!(answer.contains("allow: GET, HEAD"), "{answer}");
        assert_eq!(status_and_body(&ask(&server, "HEAD", path)), ("200", ""), "{path}");
    }
}

#[test]
fn every_answer_keeps_browsers_and_caches_honest() {
    let server = start(Calm);
    for path in ["/", "/metrics", "/nothing"] {
        let answer = ask(&server, "GET", path);
        for header in
            ["x-content-type-options: nosniff", "cache-control: no-store", "content-security-policy: "]
        {
            assert!(answer.contains(header), "{path}: {answer}");
        }
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_never_takes_data_for_markup() {
    let server = start(Calm);
    let answer = ask(&server, "GET", "/");
    let (status, page) = status_and_body(&answer);
    assert_eq!(status, "200");
    assert!(page.starts_with("<!doctype html>"));
    for forbidden in ["http://", "https://", "innerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let first = start(Calm);
    let error = Server::start(first.local_addr(), None, Registry::new(), Arc::new(Calm)).unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }));
    assert!(error.to_string().contains(&first.local_addr().to_string()), "{error}");
}

#[test]
fn a_client_that_says_nothing_holds_up_nobody() {
    let server = start(Calm);
    let silent: Vec<_> = (0..10).map(|_| TcpStream::connect(server.local_addr()).unwrap()).collect();
    assert_eq!(status_and_body(&ask(&server, "GET", "/healthz")).0, "200");
    drop(silent);
}
