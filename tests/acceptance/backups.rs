//! The procedures of `docs/run/operating.md`: a copy of a journal that is being written, a move, a sink that is added.

use std::process::{Command, Output};

use kalends_tests::{Daemon, Installation, config, event, files::records_under, tree};

fn post(daemon: &Daemon, names: &str, count: u32) {
    for number in 0..count {
        let answer = daemon.post(event::webhook(&format!("{names}-{number}"), number.into())).unwrap();
        assert_eq!(answer.status, 200);
    }
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_copy_of_a_journal_that_is_being_written_is_a_journal() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "before", 20);
    daemon.wait_until_delivered(&["files"]).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| post(&daemon, "meanwhile", 200));
        let mut copy = Command::new("cp");
        // A temporary file may go while it is copied, of which cp complains.
        copy.args(["-a", "journal", "copy"]).current_dir(installation.directory()).output().unwrap();
    });
    succeeds(&installation.run(["journal", "verify", "--directory", "copy"]).unwrap());
    let restored = Installation::new(&config::files()).unwrap();
    tree::copy(&installation.path("copy"), &restored.path("journal")).unwrap();
    let second = restored.start().unwrap();
    second.wait_until_on_hold("files").unwrap();
    succeeds(
        &restored.run(["sinks", "seek", "files", "--to", "earliest", "--yes", "-c", "kalends.yaml"]).unwrap(),
    );
    second.wait_until_delivered(&["files"]).unwrap();
    assert!(restored.records().unwrap().len() >= 20);
}

#[test]
fn what_was_copied_as_a_whole_goes_on_elsewhere() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, "here", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    let elsewhere = installation.copy().unwrap();
    let daemon = elsewhere.start().unwrap();
    post(&daemon, "here", 5);
    post(&daemon, "there", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(elsewhere.records().unwrap().len(), 10, "what was sent again is known there, too");
}

#[test]
fn a_sink_that_is_added_later_gets_what_the_journal_still_has() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    post(&daemon, "before", 5);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let late = "  late: { kind: files, directory: ./late, roll_every: 1s }\n";
    let fresh = "  fresh: { kind: files, directory: ./fresh, roll_every: 1s, start: latest }\n";
    installation.configure(&(config::files() + late + fresh)).unwrap();
    daemon.signal(rustix::process::Signal::HUP).unwrap();
    daemon.wait_until_delivered(&["files", "late", "fresh"]).unwrap();
    post(&daemon, "after", 2);
    daemon.wait_until_delivered(&["files", "late", "fresh"]).unwrap();
    daemon.terminate().unwrap();
    let count = |sink: &str| records_under(&installation.path(sink)).unwrap().len();
    assert_eq!((count("late"), count("fresh")), (7, 2));
}
