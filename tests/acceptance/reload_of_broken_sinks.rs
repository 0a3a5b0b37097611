//! A reload mends a sink that is broken, and takes nothing from the others meanwhile.

use std::{fs, net::TcpListener};

use kalends_tests::{
    Daemon, Installation, config, event, files::records_under, kafka::Broker, wait::PATIENCE, wait_until,
};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::reload::reload;

const TOPIC: &str = "rokt.calendar.subscribe";

/// What a reload would wait for if it waited for a sink.
fn patient(configuration: &str) -> String {
    format!("stop_timeout: 10m\n{configuration}")
}

fn post(daemon: &Daemon, id: &str) {
    assert_eq!(daemon.post(event::webhook(id, 0)).unwrap().status, 200);
}

fn ids(installation: &Installation, directory: &str) -> Vec<String> {
    let records = records_under(&installation.path(directory)).unwrap();
    let mut ids: Vec<_> =
        records.iter().filter_map(|record| record.text("event_id")).map(str::to_owned).collect();
    ids.sort();
    ids
}

#[test]
fn a_sink_that_hangs_keeps_no_reload_waiting_and_is_followed_when_it_has_ended() {
    let with = |directory: &str| {
        let sink = format!("  hung: {{ kind: files, directory: ./{directory}, roll_every: 1s }}\n");
        patient(&format!("{}{sink}", config::files()))
    };
    let installation = Installation::new(&with("old")).unwrap();
    // Reading a pipe waits until somebody writes, however long that takes.
    let (hidden, pipe) = (installation.path("old/.kalends"), installation.path("old/.kalends/manifest.json"));
    fs::create_dir_all(&hidden).unwrap();
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let mut daemon = installation.start().unwrap();
    post(&daemon, "1");
    wait_until("the sink to hang", PATIENCE, || Ok(hidden.join("lock").exists().then_some(()))).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();

    installation.configure(&with("new")).unwrap();
    reload(&mut daemon, "a new configuration is in effect");
    assert!(daemon.log().unwrap().contains("still busy with the old configuration"));
    post(&daemon, "2");
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert!(!installation.path("new").exists(), "two sinks of one name");

    drop(fs::OpenOptions::new().write(true).open(&pipe).unwrap());
    daemon.wait_until_delivered(&["files", "hung"]).unwrap();
    assert_eq!((ids(&installation, "events"), ids(&installation, "new")), (ids_of(2), ids_of(2)));
}

fn ids_of(last: u32) -> Vec<String> {
    (1..=last).map(|id| id.to_string()).collect()
}

#[test]
fn a_reload_while_kafka_is_away_keeps_the_files_going_and_doubles_nothing() {
    let Some(broker) = Broker::start("broken-sinks").unwrap() else { return };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = silent.local_addr().unwrap().to_string();
    let installation = Installation::new(&patient(&config::files_and_kafka(&nobody))).unwrap();
    let mut daemon = installation.start().unwrap();
    post(&daemon, "1");
    daemon.wait_until_delivered(&["files"]).unwrap();

    let mended = patient(&config::files_and_kafka(broker.bootstrap()));
    installation.configure(&mended).unwrap();
    reload(&mut daemon, "a new configuration is in effect");
    post(&daemon, "2");
    daemon.wait_until_delivered(&["files", "kafka"]).unwrap();

    broker.kill().unwrap();
    post(&daemon, "3");
    daemon.wait_until_delivered(&["files"]).unwrap();
    let second = "  second: { kind: files, directory: ./second, roll_every: 1s }\n";
    installation.configure(&format!("{mended}{second}")).unwrap();
    reload(&mut daemon, "a new configuration is in effect");
    post(&daemon, "4");
    daemon.wait_until_delivered(&["files", "second"]).unwrap();
    broker.restart().unwrap();
    daemon.wait_until_delivered(&["files", "second", "kafka"]).unwrap();

    let committed = broker.committed(TOPIC).unwrap();
    let delivered: Vec<_> = committed.iter().filter_map(|message| message.header("ce_id")).collect();
    assert_eq!(delivered, ["1", "2", "3", "4"]);
    assert_eq!((ids(&installation, "events"), ids(&installation, "second")), (ids_of(4), ids_of(4)));
}
