//! The sections of `end-a-hold`, each from the hold that it ends.

use std::fs;

use kalends_tests::{Installation, config, documents, tree, wait::PATIENCE, wait_until};

use super::{
    each_once,
    site::{Site, root},
};

/// A site where a sink has delivered three events, and the daemon is stopped.
fn stopped() -> Site {
    let mut site = Site::new(&config::files());
    site.deliver("before", 3);
    site.stop();
    site
}

fn nothing(_: &mut Site, _: &str, _: &str) {}

#[test]
fn a_journal_that_is_a_new_one() {
    let mut site = stopped();
    let path = |name: &str| site.installation.path(name);
    fs::rename(path("journal"), path("old")).unwrap();
    tree::copy(&path("old/sinks"), &path("journal/sinks")).unwrap();
    site.start_on_hold("is a new one, but the sink was fed from journal");
    site.post("after", 2);
    site.follow("end-a-hold#The journal is a new one", nothing);
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    each_once(&site.installation.records().unwrap(), 5);
}

#[test]
fn a_destination_that_was_put_back() {
    let mut site = Site::new(&config::files());
    site.deliver("before", 3);
    tree::copy(&site.installation.path("events"), &site.installation.path("older")).unwrap();
    site.deliver("after", 3);
    site.stop();
    fs::remove_dir_all(site.installation.path("events")).unwrap();
    fs::rename(site.installation.path("older"), site.installation.path("events")).unwrap();
    site.start_on_hold("the destination's checkpoint is at journal position");
    site.follow("end-a-hold#The destination was put back", |_, command, said| {
        assert!(command.contains("--yes") || said.contains("4 to 6 are delivered to it again"), "{said}");
    });
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    each_once(&site.installation.records().unwrap(), 6);
}

#[test]
fn a_checkpoint_that_is_gone() {
    let mut site = stopped();
    // Files that were loaded elsewhere show nothing any more.
    fs::remove_dir_all(site.installation.path("events")).unwrap();
    site.start_on_hold("the checkpoint is gone from the destination");
    site.post("after", 2);
    site.follow("end-a-hold#The checkpoint is gone", nothing);
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    each_once(&site.installation.records().unwrap(), 2);
}

#[test]
fn events_that_the_journal_no_longer_has() {
    let small = "directory: ./journal, segment_size: 64KiB, max_size: 256KiB";
    let both = config::many_files(2).replace("directory: ./journal", small);
    let both = both.replace("files0", "files").replacen("127.0.0.1:0 }", "127.0.0.1:0, max_body: 16KiB }", 1);
    let one = both.lines().filter(|line| !line.contains("files:")).collect::<Vec<_>>().join("\n");
    let mut site = Site::new(&both);
    site.deliver("before", 3);
    site.stop();
    site.installation.configure(&one).unwrap();
    site.start();
    for round in 0..40 {
        site.post(&format!("round-{round}"), 20);
        site.daemon().wait_until_delivered(&["files1"]).unwrap();
    }
    site.stop();
    site.installation.configure(&both).unwrap();
    site.start_on_hold("but the journal keeps only those from");
    site.follow("end-a-hold#The journal no longer has the next events", |_, command, said| {
        assert!(command.contains("--yes") || said.contains("are never delivered to it"), "{said}");
    });
    site.daemon().wait_until_delivered(&["files"]).unwrap();
}

#[test]
fn a_note_that_can_not_be_read() {
    let mut site = stopped();
    fs::write(site.installation.path("journal/sinks/files.json"), "{").unwrap();
    site.start_on_hold("the note of this sink's last checkpoint can't be read");
    site.follow("end-a-hold#A note beside the journal can't be read", nothing);
    site.deliver("after", 2);
    each_once(&site.installation.records().unwrap(), 5);
}

#[test]
fn an_order_that_does_not_fit_the_journal() {
    let mut site = stopped();
    let order = ["sinks", "seek", "files", "--to", "4", "--yes", "-c", "kalends.yaml"];
    site.installation.run(order).unwrap();
    let path = site.installation.path("journal/sinks/files.order.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut found: serde_json::Value = serde_json::from_str(&text).unwrap();
    change_chain(&mut found);
    fs::write(&path, found.to_string()).unwrap();
    site.start_on_hold("the order to go on behind position");
    site.follow("end-a-hold#An order does not fit the journal", nothing);
    site.deliver("after", 2);
    each_once(&site.installation.records().unwrap(), 5);
}

/// Has an order name a history that no journal has.
fn change_chain(value: &mut serde_json::Value) {
    let Some(object) = value.as_object_mut() else { return };
    for (key, value) in object {
        match value.as_u64().filter(|_| key == "chain") {
            Some(chain) => *value = (chain ^ 1).into(),
            None => change_chain(value),
        }
    }
}

#[test]
fn a_directory_that_is_in_use() {
    let mut site = stopped();
    let other = Installation::new(&config::files()).unwrap();
    let events = format!("{}/events", site.installation.directory().display());
    other.configure(&config::files().replace("./events", &events)).unwrap();
    let first = other.start().unwrap();
    first.wait_until_delivered(&["files"]).unwrap();
    site.start_on_hold("is in use by another process");
    site.installation.configure(&config::files().replace("./events", "./events-of-its-own")).unwrap();
    site.follow("end-a-hold#The directory is in use", nothing);
    // The directory is another destination; the note says that the sink had one with a checkpoint.
    wait_until("the hold of the new directory", PATIENCE, || {
        let told = site.daemon().wait_until_on_hold("files")?;
        Ok(told.contains("the checkpoint is gone from the destination").then_some(()))
    })
    .unwrap();
    first.terminate().unwrap();
}

#[test]
fn a_manifest_that_is_damaged() {
    let mut site = stopped();
    fs::write(site.installation.path("events/.kalends/manifest.json"), "{").unwrap();
    site.start_on_hold("so it is unknown what has been delivered");
    site.post("after", 2);
    site.follow("end-a-hold#The manifest is gone or damaged", |site, command, said| {
        if command.starts_with("ls ") {
            let last: u64 = said.trim().parse().unwrap();
            site.filled.insert("POSITION", (last + 1).to_string());
        }
    });
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    each_once(&site.installation.records().unwrap(), 5);
}

#[test]
fn a_destination_that_fails_on_one_record() {
    let mut site = Site::stopped(&config::files());
    let in_the_way = site.installation.path("events");
    fs::write(&in_the_way, "in the way").unwrap();
    site.start_on_hold("something else has that name");
    site.post("before", 3);
    site.filled.insert("POSITION", "2".to_owned());
    site.follow("end-a-hold#The destination fails on one record", |site, command, _| {
        if command.contains("--yes") {
            fs::remove_file(&in_the_way).unwrap();
            site.daemon().wait_until_delivered(&["files"]).unwrap();
        }
    });
    let records = site.installation.records().unwrap();
    let letters = records.iter().filter(|record| record.topic.ends_with("dead-letter"));
    let letters: Vec<_> = letters.map(|record| record.number("journal_position")).collect();
    assert_eq!(letters, [Some(2)]);
}

#[test]
fn sections_for_other_destinations_can_be_given() {
    let mut site = Site::new(&config::files());
    site.deliver("before", 3);
    site.filled.insert("POSITION", "4".to_owned());
    for section in [
        "End a hold",
        "A topic would get records of two types",
        "Ten records in a row were refused",
        "A dead letter is refused",
        "What is kept beside the journal can't be used",
        "A topic can't be a folder",
        "Another process has taken over",
        "The cluster refuses who asks",
        "Another process has taken over, or the checkpoint's row is gone",
        "Rows that this sink has not written",
    ] {
        site.follow(&format!("end-a-hold#{section}"), nothing);
        site.daemon().wait_until_delivered(&["files"]).unwrap();
    }
    each_once(&site.installation.records().unwrap(), 3);
}

/// Sections with commands for a schema registry or a database alone.
const ELSEWHERE: [&str; 2] = ["The schema registry", "Tables, columns, rights"];

#[test]
fn every_section_with_commands_is_followed() {
    let page = fs::read_to_string(root().join("docs/tasks/end-a-hold.md")).unwrap();
    let tests = include_str!("holds.rs");
    let mut heading = "";
    for part in page.split("\n#").skip(1) {
        heading = part.lines().next().unwrap_or(heading).trim_start_matches('#').trim();
        let commands = documents::of_page("page", part.split_once('\n').map_or("", |(_, text)| text));
        let has_commands = commands.iter().any(|command| command.kind == documents::Kind::Shell);
        let is_followed =
            tests.contains(&format!("#{heading}\"")) || tests.contains(&format!("\"{heading}\""));
        assert!(!has_commands || is_followed || ELSEWHERE.contains(&heading), "{heading}");
    }
}
