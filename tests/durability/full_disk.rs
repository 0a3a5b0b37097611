use kalends_tests::{
    Daemon, Installation, SmallDisk, config, event,
    http::Answer,
    load::{Load, Outcome},
    wait::PATIENCE,
    wait_until,
};

use crate::{exactly_once::assert_exactly_once, journal_full::post_until_refused};

const DISK_MIB: u32 = 8;
const MIN_FREE: u64 = 1 << 20;

/// A journal of small segments that leaves 1 MiB of its disk free.
fn careful(max_size: &str) -> String {
    careful_of(&config::files(), max_size)
}

fn careful_of(configuration: &str, max_size: &str) -> String {
    let journal = format!("directory: ./journal, max_size: {max_size}, segment_size: 64KiB, min_free: 1MiB");
    configuration
        .replace("directory: ./journal", &journal)
        .replace("address: 127.0.0.1:0 }\nendpoints", "address: 127.0.0.1:0, max_body: 16KiB }\nendpoints")
}

fn assert_full(daemon: &Daemon, refusal: &Answer) {
    assert_eq!(refusal.status, 503);
    assert!(refusal.header("retry-after").is_some());
    assert_eq!(daemon.get("/healthz").unwrap().status, 200);
    assert_eq!(daemon.get("/readyz").unwrap().status, 503);
    assert_eq!(daemon.metrics().unwrap().value("kalends_journal_full"), Some(1.0));
    wait_until("the operator to be told", PATIENCE, || {
        Ok((daemon.metrics()?.value("kalends_journal_full_in_seconds") == Some(0.0)).then_some(()))
    })
    .unwrap();
}

/// Posts events of this name until one is taken.
fn post_until_taken(daemon: &Daemon, name: &str, outcome: &mut Outcome) {
    let mut number = 0;
    wait_until("the journal to take webhooks again", PATIENCE, || {
        number += 1;
        let id = format!("{name}-{number}");
        let taken = daemon.post(event::webhook(&id, number))?.status == 200;
        let ids = if taken { &mut outcome.acknowledged } else { &mut outcome.unknown };
        ids.insert(id);
        Ok(taken.then_some(()))
    })
    .unwrap();
}

fn wait_until_the_sink_retries(daemon: &Daemon) {
    wait_until("the files sink to find its disk full", PATIENCE, || {
        let retries = daemon.metrics()?.value("kalends_sink_failures_total{kind=\"retry\",sink=\"files\"}");
        Ok(retries.filter(|retries| *retries > 0.0).map(drop))
    })
    .unwrap();
    let status = daemon.status().unwrap().to_string();
    assert!(status.contains("No space left on device"), "{status}");
}

/// The mark is there so that a restart has room for its copy of the last segment, and the sinks for what they commit.
#[test]
fn webhooks_are_refused_before_the_disk_is_full_and_taken_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(DISK_MIB).unwrap() else { return };
    // One of the sinks never gets a broker, so nothing becomes history.
    let stuck = careful_of(&config::files_and_kafka("127.0.0.1:9"), "1GiB");
    let installation = Installation::new(&stuck).unwrap();
    disk.folder("journal", &installation.path("journal")).unwrap();
    disk.folder("events", &installation.path("events")).unwrap();
    disk.fill(2 * MIN_FREE).unwrap();

    let daemon = installation.start().unwrap();
    let begun = daemon.metrics().unwrap();
    assert_eq!(begun.value("kalends_journal_full_in_seconds"), Some(f64::INFINITY));
    let (refusal, mut outcome) = post_until_refused(&daemon, "before");
    assert_eq!(refusal.status, 503);
    let free = disk.free_bytes().unwrap();
    assert!(free > MIN_FREE / 2, "{free} bytes are left: the disk is as good as full");
    daemon.kill().unwrap();

    // What is at the mark may have a little room from time to time: a sink has published, a segment was cut.
    disk.fill(MIN_FREE / 2).unwrap();
    let daemon = installation.start().unwrap();
    let (refusal, refused) = post_until_refused(&daemon, "still");
    outcome.merge(refused);
    assert_full(&daemon, &refusal);

    disk.make_room().unwrap();
    post_until_taken(&daemon, "after", &mut outcome);
    assert_eq!(daemon.get("/readyz").unwrap().status, 200);
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

#[test]
fn a_sink_whose_disk_is_full_waits_while_webhooks_are_taken_and_then_delivers_all() {
    let Some(disk) = SmallDisk::mount(DISK_MIB).unwrap() else { return };
    let installation = Installation::new(&careful("1GiB")).unwrap();
    disk.folder("events", &installation.path("events")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Load::start("room", daemon.public(), 4, 100).finish().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();

    disk.fill(0).unwrap();
    let load = Load::start("full", daemon.public(), 4, 2_000).finish().unwrap();
    assert!(load.unknown.is_empty(), "a sink's full disk is nothing to the sender: {:?}", load.unknown);
    outcome.merge(load);
    wait_until_the_sink_retries(&daemon);
    daemon.kill().unwrap();

    let daemon = installation.start().unwrap();
    wait_until_the_sink_retries(&daemon);
    outcome.merge(Load::start("restarted", daemon.public(), 4, 100).finish().unwrap());
    disk.make_room().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

#[test]
fn a_journal_at_its_largest_size_takes_webhooks_again_when_its_sink_has_caught_up() {
    let Some(disk) = SmallDisk::mount(DISK_MIB).unwrap() else { return };
    let installation = Installation::new(&careful("1MiB")).unwrap();
    disk.folder("events", &installation.path("events")).unwrap();
    disk.fill(0).unwrap();
    let daemon = installation.start().unwrap();
    let (refusal, mut outcome) = post_until_refused(&daemon, "before");
    assert_full(&daemon, &refusal);

    disk.make_room().unwrap();
    post_until_taken(&daemon, "after", &mut outcome);
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

/// Somebody else may take the last byte at any time, and the daemon die then.
#[test]
fn a_disk_that_others_filled_to_the_last_byte_costs_nothing_that_was_answered_200() {
    let Some(disk) = SmallDisk::mount(DISK_MIB).unwrap() else { return };
    let installation = Installation::new(&careful("1GiB")).unwrap();
    disk.folder("journal", &installation.path("journal")).unwrap();
    disk.folder("events", &installation.path("events")).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Load::start("room", daemon.public(), 4, 200).finish().unwrap();

    disk.fill(0).unwrap();
    let (refusal, refused) = post_until_refused(&daemon, "full");
    outcome.merge(refused);
    assert_full(&daemon, &refusal);
    daemon.kill().unwrap();

    // What is open at a crash is copied at the start, so that needs room: it says so and harms nothing.
    let ended = installation.run(["run", "--config", "kalends.yaml"]).unwrap();
    assert_eq!(ended.status.code(), Some(74));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("No space left on device") && said.contains(".log"), "{said}");

    disk.make_room().unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}

/// History is kept for the duplicate window, and goes before a webhook is refused.
#[test]
fn history_on_a_full_disk_makes_room_for_webhooks() {
    let Some(disk) = SmallDisk::mount(DISK_MIB).unwrap() else { return };
    let installation = Installation::new(&careful("1GiB")).unwrap();
    disk.folder("journal", &installation.path("journal")).unwrap();
    disk.fill(3 * MIN_FREE).unwrap();
    let daemon = installation.start().unwrap();
    let mut outcome = Outcome::default();
    let evicted = || daemon.metrics().unwrap().value("kalends_journal_evicted_frames_total");
    for round in 0..100 {
        let load = Load::start(&format!("round{round}"), daemon.public(), 4, 500).finish().unwrap();
        assert!(load.unknown.is_empty(), "refused: {:?}", load.unknown);
        outcome.merge(load);
        daemon.wait_until_delivered(&["files"]).unwrap();
        if evicted() > Some(500.0) {
            break;
        }
    }
    assert!(evicted() > Some(500.0), "{:?}", evicted());
    let metrics = daemon.metrics().unwrap();
    assert_eq!(metrics.value("kalends_journal_evicted_unread_frames_total"), Some(0.0));
    assert!(metrics.value("kalends_journal_full_in_seconds") > Some(0.0));
    assert_exactly_once("files", &outcome, &installation.records().unwrap());
}
