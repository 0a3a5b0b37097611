//! The pages of `docs/tasks`: every command of each, in its order, from the state that the page is for.

mod holds;
mod people;
mod procedures;
mod site;

use std::{collections::BTreeSet, fs};

use kalends_tests::{Record, config, tree};

use self::site::{Site, root};

/// Pages, each with a test that follows it.
const PAGES: &[&str] = &[
    "at-3-a-m",
    "bring-old-events",
    "end-a-hold",
    "erase-a-person",
    "free-the-disk",
    "mend-a-dead-letter",
    "move-to-another-machine",
    "restore-a-backup",
    "rotate-a-secret",
    "take-a-sink-away",
];

/// Each event is there once, and no two have one name.
fn each_once(records: &[Record], events: usize) {
    let name =
        |record: &Record| (record.text("journal_id").unwrap().to_owned(), record.number("journal_position"));
    let names: BTreeSet<_> = records.iter().map(name).collect();
    let ids: BTreeSet<_> = records.iter().map(|record| record.text("event_id").unwrap()).collect();
    assert_eq!((records.len(), names.len(), ids.len()), (events, events, events), "{names:?}");
}

#[test]
fn every_task_page_is_followed_by_a_test() {
    let entries = fs::read_dir(root().join("docs/tasks")).unwrap();
    let pages: BTreeSet<_> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".md").to_owned())
        .filter(|page| page != "README")
        .collect();
    assert_eq!(pages, PAGES.iter().map(|page| (*page).to_owned()).collect());
    let tests = [
        include_str!("task_pages.rs"),
        include_str!("task_pages/holds.rs"),
        include_str!("task_pages/people.rs"),
        include_str!("task_pages/procedures.rs"),
    ]
    .concat();
    for page in PAGES {
        let is_followed = [format!("follow(\"{page}\""), format!("follow(\"{page}#")];
        assert!(is_followed.iter().any(|call| tests.contains(call)), "{page}");
    }
}

#[test]
fn restore_a_backup() {
    let mut site = Site::new(&config::files());
    site.deliver("kept", 3);
    tree::copy(&site.installation.path("journal"), &site.installation.path("backup/journal")).unwrap();
    site.deliver("lost", 3);
    site.follow("restore-a-backup", |_, command, said| {
        if command.ends_with("adopt -c FILE") {
            assert!(said.contains("sink files") && said.contains("position 4"), "{said}");
        }
    });
    site.deliver("later", 3);
    each_once(&site.installation.records().unwrap(), 9);
}
