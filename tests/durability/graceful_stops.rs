use std::{
    fs::File,
    io,
    net::SocketAddr,
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use kalends_tests::{
    Daemon, Installation, config, event,
    http::Connection,
    kafka::Broker,
    load::{Load, Outcome},
    wait::PATIENCE,
    wait_until,
};
use rustix::process::{Pid, Signal, kill_process};

use crate::{exactly_once::assert_exactly_once, kafka_kills::committed};

const CLIENTS: u64 = 8;
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// What a stop may take beside that.
const CLOSING: Duration = Duration::from_secs(1);

fn stopping_soon(configuration: &str) -> String {
    format!("{configuration}stop_timeout: 10s\n")
}

/// Sends requests until nobody listens any more. Each is answered as a whole, or its connection was closed in order before it
/// was looked at; anything else is a panic.
fn send_until_gone(client: u64, address: SocketAddr, acknowledged: &AtomicU64) -> Outcome {
    let mut outcome = Outcome::default();
    let mut connection = None;
    for number in 0.. {
        let id = format!("stop-{client}-{number}");
        let opened = connection.take().map_or_else(|| Connection::open(address), Ok);
        let Ok(mut open) = opened else { break };
        match open.request("POST", config::PATH, &[], event::webhook(&id, number).as_bytes()) {
            Ok(answer) if answer.status == 200 => {
                acknowledged.fetch_add(1, Ordering::Relaxed);
                outcome.acknowledged.insert(id);
                let closes = answer.header("connection") == Some("close");
                connection = (!closes).then_some(open);
            }
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{}", answer.text());
                assert!(answer.header("retry-after").is_some());
                outcome.unknown.insert(id);
            }
            Err(error) => {
                let in_order =
                    [io::ErrorKind::UnexpectedEof, io::ErrorKind::BrokenPipe].contains(&error.kind());
                assert!(in_order, "request {id} was cut off: {error}");
                outcome.unknown.insert(id);
            }
        }
    }
    outcome
}

/// A request whose head was read before the stop, and whose body ends after it.
struct HalfSent {
    connection: Connection,
    rest: Vec<u8>,
}

impl HalfSent {
    const ID: &str = "half-sent";
    /// So large that the memory taken for it tells that its head was read.
    const BYTES: usize = 64 << 10;

    fn new(daemon: &Daemon) -> Self {
        let mut body = event::webhook(Self::ID, 0).into_bytes();
        let head =
            format!("POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}", config::PATH, Self::BYTES);
        let rest = [body.split_off(100), vec![b' '; Self::BYTES]].concat();
        let rest = rest[..Self::BYTES - body.len()].to_vec();
        let mut connection = Connection::open(daemon.public()).unwrap();
        connection.begin(&[head.as_bytes(), b"\r\n\r\n", &body].concat()).unwrap();
        wait_until("the head to be read", PATIENCE, || {
            let taken = daemon.metrics()?.value("kalends_http_in_flight_bytes");
            Ok(taken.filter(|taken| *taken >= 65_536.0).map(drop))
        })
        .unwrap();
        Self { connection, rest }
    }

    fn send_the_rest(&mut self) {
        assert_eq!(self.connection.send(&self.rest).unwrap().status, 200, "what has begun is answered");
    }
}

/// Stops the daemon amid requests.
fn stop_under_load(mut daemon: Daemon) -> Outcome {
    let (address, acknowledged) = (daemon.public(), AtomicU64::new(0));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let acknowledged = &acknowledged;
                scope.spawn(move || send_until_gone(client, address, acknowledged))
            })
            .collect();
        let under_way = || Ok((acknowledged.load(Ordering::Relaxed) >= 300).then_some(()));
        wait_until("the load to get under way", PATIENCE, under_way).unwrap();
        let mut half_sent = HalfSent::new(&daemon);
        let begun = Instant::now();
        daemon.signal(Signal::TERM).unwrap();
        wait_until("the stop to begin", PATIENCE, || Ok(daemon.log()?.contains("stopping").then_some(())))
            .unwrap();
        half_sent.send_the_rest();
        assert_eq!(daemon.wait_until_ended().unwrap().code(), Some(0));
        let took = begun.elapsed();
        assert!(took <= STOP_TIMEOUT + CLOSING, "the stop took {took:?}");
        let mut outcome = Outcome::default();
        outcome.acknowledged.insert(HalfSent::ID.to_owned());
        for client in clients {
            outcome.merge(client.join().unwrap());
        }
        outcome
    })
}

#[test]
fn a_stop_answers_or_refuses_every_request_whole_and_in_time() {
    let installation = Installation::new(&stopping_soon(&config::files())).unwrap();
    let mut outcome = stop_under_load(installation.start().unwrap());
    assert!(outcome.acknowledged.len() >= 300);
    let daemon = installation.start().unwrap();
    outcome.merge(Load::start("after", daemon.public(), 4, 50).finish().unwrap());
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

#[test]
fn a_stop_is_in_time_and_clean_while_kafka_is_away() {
    let nobody = stopping_soon(&config::files_and_kafka("127.0.0.1:9"));
    let installation = Installation::new(&nobody).unwrap();
    let outcome = stop_under_load(installation.start().unwrap());
    installation.configure(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

#[test]
fn a_stop_is_in_time_and_clean_while_kafka_is_there_and_when_it_dies() {
    let Some(broker) = Broker::start("stops").unwrap() else { return };
    let installation = Installation::new(&stopping_soon(&config::kafka(broker.bootstrap()))).unwrap();
    let mut outcome = stop_under_load(installation.start().unwrap());

    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let load = Load::start("dying", daemon.public(), 4, 400).finish().unwrap();
    outcome.merge(load);
    broker.kill().unwrap();
    let begun = Instant::now();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    assert!(begun.elapsed() <= STOP_TIMEOUT + CLOSING, "the stop took {:?}", begun.elapsed());

    broker.restart().unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_exactly_once("kafka", &outcome, &committed(&broker));
}

/// Starts the daemon, asks it to stop when it has logged so many lines, and waits until it has.
fn stop_while_starting(installation: &Installation, lines: usize) {
    let log = installation.path(&format!("starting-{lines}.jsonl"));
    let mut command = installation.command(["run", "--config", "kalends.yaml"]).unwrap();
    let mut child = command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let logged = || Ok((std::fs::read_to_string(&log)?.lines().count() >= lines).then_some(()));
    wait_until("lines in the log", PATIENCE, logged).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let status = wait_until("the daemon to end", PATIENCE, || Ok(child.try_wait()?)).unwrap();
    // Before it has begun with anything, the signal's own effect is right.
    let in_order = status.code() == Some(0) || (status.code().is_none() && lines == 0);
    assert!(in_order, "{status}: {}", std::fs::read_to_string(&log).unwrap());
}

#[test]
fn a_stop_while_starting_or_recovering_ends_in_order_and_harms_nothing() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut outcome = Outcome::default();
    for lines in 0..4 {
        let daemon = installation.start().unwrap();
        outcome.merge(Load::start(&format!("before-{lines}"), daemon.public(), 4, 200).finish().unwrap());
        daemon.kill().unwrap();
        stop_while_starting(&installation, lines);
    }
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}
