//! The pages of `docs/tasks`: every command of each, in its order, from the state that the page is for.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use kalends_tests::{
    Daemon, Installation, Record, config,
    documents::{self, Kind},
    event, program, tree,
};

/// Pages, and the test of each.
const PAGES: &[&str] = &["restore-a-backup"];

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The commands of one page, in their order.
fn commands(page: &str) -> Vec<String> {
    let all = documents::commands(&root()).unwrap();
    let page = format!("docs/tasks/{page}.md");
    let of_page = all.into_iter().filter(|command| command.page == page && command.kind == Kind::Shell);
    of_page.map(|command| command.text).collect()
}

/// A machine on which kalends is installed, as far as a page needs one.
struct Site {
    installation: Installation,
    daemon: Option<Daemon>,
}

impl Site {
    fn new(configuration: &str) -> Self {
        let installation = Installation::new(configuration).unwrap();
        let daemon = Some(installation.start().unwrap());
        Self { installation, daemon }
    }

    fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().unwrap()
    }

    fn post(&self, name: &str, events: u64) {
        for number in 0..events {
            let answer = self.daemon().post(event::webhook(&format!("{name}-{number}"), number)).unwrap();
            assert_eq!(answer.status, 200);
        }
    }

    fn stop(&mut self) {
        assert_eq!(self.daemon.take().unwrap().terminate().unwrap().code(), Some(0));
    }

    fn start(&mut self) {
        self.daemon = Some(self.installation.start().unwrap());
    }

    /// Does what a line of a page says. Returns what was said.
    fn run(&mut self, command: &str) -> String {
        match command {
            "systemctl stop kalends" => self.stop(),
            "systemctl start kalends" => self.start(),
            _ => return self.shell(command),
        }
        String::new()
    }

    fn shell(&self, command: &str) -> String {
        let place = self.installation.directory().display().to_string();
        let script =
            command.replace("/var/lib/kalends", &place).replace("/backup", &format!("{place}/backup"));
        let script = script.replace("-c FILE", "-c kalends.yaml");
        let programs = program().unwrap().parent().unwrap().display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("bash");
        shell
            .args(["-euo", "pipefail", "-c", &script])
            .current_dir(&place)
            .env("PATH", path)
            .stdin(Stdio::null());
        let output = shell.output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(expected(command)), "{command}: {said}");
        said
    }

    /// Runs a page from its first command to its last, and looks at each command when it is done.
    fn follow(&mut self, page: &str, mut seen: impl FnMut(&str, &str)) {
        let commands = commands(page);
        assert!(!commands.is_empty(), "{page} has no command");
        for command in commands {
            let said = self.run(&command);
            seen(&command, &said);
        }
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// What changes something only tells, and ends with 64, until it has `--yes`.
fn expected(command: &str) -> i32 {
    let tells = ["journal adopt", "sinks seek"].iter().any(|name| command.contains(name));
    if tells && !command.contains("--yes") && !command.contains("--cancel") { 64 } else { 0 }
}

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
    let tests = include_str!("task_pages.rs");
    for page in PAGES {
        assert!(tests.contains(&format!("follow(\"{page}\"")), "{page}");
    }
}

#[test]
fn restore_a_backup() {
    let mut site = Site::new(&config::files());
    site.post("kept", 3);
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    tree::copy(&site.installation.path("journal"), &site.installation.path("backup/journal")).unwrap();
    site.post("lost", 3);
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    site.follow("restore-a-backup", |command, said| {
        if command.ends_with("adopt -c FILE") {
            assert!(said.contains("sink files") && said.contains("position 4"), "{said}");
        }
    });
    site.post("later", 3);
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    each_once(&site.installation.records().unwrap(), 9);
}
