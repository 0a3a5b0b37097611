use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kalends_tests::{Daemon, Installation, config, load::Load, tree};

use crate::exactly_once::times;

/// How many events each version had received and delivered.
const OLD: u64 = 40;

/// The folders of `fixtures` below this one, one a version.
fn versions(of: &str) -> Vec<PathBuf> {
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(of);
    let folders = fs::read_dir(versions).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    assert!(!folders.is_empty());
    folders
}

/// So that what the fixtures hold is never too old.
fn for_ever() -> String {
    let journal = "directory: ./journal, retain: 36500d }\ndeduplicate: { window: 36500d";
    config::files().replace("directory: ./journal", journal)
}

#[test]
fn a_new_version_takes_over_what_an_older_one_left() {
    for folder in versions("installations") {
        let version = folder.display();
        let installation = Installation::new(&for_ever()).unwrap();
        tree::copy(&folder, installation.directory()).unwrap();
        let daemon = installation.start().unwrap();
        daemon.wait_until_delivered(&["files"]).unwrap();
        let again = Load::start("old", daemon.public(), 4, OLD).finish().unwrap();
        let new = Load::start("new", daemon.public(), 4, 20).finish().unwrap();
        assert!(again.unknown.is_empty() && new.unknown.is_empty(), "{version}");
        daemon.wait_until_delivered(&["files"]).unwrap();
        assert_eq!(daemon.terminate().unwrap().code(), Some(0), "{version}");

        let records = installation.records().unwrap();
        let delivered: BTreeSet<_> = times(&records).into_iter().collect();
        let expected: BTreeSet<_> = new.acknowledged.iter().map(|id| (id.as_str(), 1)).collect();
        assert_eq!(
            delivered, expected,
            "{version}: what it had delivered is known, and what is new comes once"
        );
        let positions = records.iter().map(|record| record.number("journal_position"));
        assert!(positions.min().flatten() > i64::try_from(OLD).ok(), "{version}: positions go on");
    }
}

#[test]
fn a_new_version_delivers_once_what_an_older_one_had_stored_when_it_was_killed() {
    for folder in versions("killed") {
        let version = folder.display();
        let installation = Installation::new(&for_ever()).unwrap();
        tree::copy(&folder, installation.directory()).unwrap();
        let daemon = installation.start().unwrap();
        daemon.wait_until_delivered(&["files"]).unwrap();
        let new = Load::start("new", daemon.public(), 4, 20).finish().unwrap();
        daemon.wait_until_delivered(&["files"]).unwrap();
        assert_eq!(daemon.terminate().unwrap().code(), Some(0), "{version}");
        let left = (0..24).map(|n| format!("old-{n}")).chain((0..12).map(|n| format!("waiting-{n}")));
        let expected: BTreeMap<_, _> = left.chain(new.acknowledged).map(|id| (id, 1)).collect();
        let records = installation.records().unwrap();
        let delivered: BTreeMap<_, _> =
            times(&records).into_iter().map(|(id, times)| (id.to_owned(), times)).collect();
        assert_eq!(delivered, expected, "{version}");
    }
}

/// Starts the program of the version before, which `cargo xtask soak` builds.
fn start_former(former: &Path, installation: &Installation) -> Daemon {
    let mut command = Command::new(former);
    command.args(["run", "--config", "kalends.yaml"]).current_dir(installation.directory());
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut daemon = Daemon::spawn(&mut command, installation.path("former.log")).unwrap();
    daemon.wait_until_ready().unwrap();
    daemon
}

#[test]
#[ignore = "needs the program of the version before, which cargo xtask soak builds"]
fn the_version_before_goes_on_with_what_this_one_left_and_the_other_way_round() {
    // `cargo xtask soak` says so when it can't build it.
    let Some(former) = env::var_os("KALENDS_FORMER_BIN").map(PathBuf::from) else { return };
    let installation = Installation::new(&for_ever()).unwrap();
    let mut expected = BTreeMap::new();
    for round in 0..4 {
        let daemon =
            if round % 2 == 0 { start_former(&former, &installation) } else { installation.start().unwrap() };
        // The one's events sent again to the other, then its own; the last of them are stored and no more when it is killed.
        let again = Load::start("both", daemon.public(), 4, 30).finish().unwrap();
        daemon.wait_until_delivered(&["files"]).unwrap();
        let own = Load::start(&format!("round-{round}"), daemon.public(), 4, 30).finish().unwrap();
        expected.extend(again.acknowledged.into_iter().chain(own.acknowledged).map(|id| (id, 1)));
        daemon.kill().unwrap();
    }
    let daemon = start_former(&former, &installation);
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    let records = installation.records().unwrap();
    let delivered: BTreeMap<_, _> =
        times(&records).into_iter().map(|(id, times)| (id.to_owned(), times)).collect();
    assert_eq!(delivered, expected);
}
