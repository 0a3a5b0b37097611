use std::{collections::BTreeSet, fs, path::Path};

use kalends_tests::{Installation, config, load::Load, tree};

use crate::exactly_once::times;

/// How many events each version had received and delivered.
const OLD: u64 = 40;

/// So that what the fixtures hold is never too old.
fn for_ever() -> String {
    let journal = "directory: ./journal, retain: 36500d }\ndeduplicate: { window: 36500d";
    config::files().replace("directory: ./journal", journal)
}

#[test]
fn a_new_version_takes_over_what_an_older_one_left() {
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/installations");
    let folders = fs::read_dir(versions).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    assert!(!folders.is_empty());
    for folder in folders {
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
