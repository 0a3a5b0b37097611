//! A machine on which kalends is installed, as far as a page of `docs/tasks` needs one.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use kalends_tests::{
    Daemon, Installation,
    documents::{self, Kind},
    event, program,
    wait::PATIENCE,
    wait_until,
};
use rustix::process::Signal;

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The commands of one page in their order, or of the section of it whose heading stands behind `#`.
pub(super) fn commands(place: &str) -> Vec<String> {
    let (page, heading) =
        place.split_once('#').map_or((place, None), |(page, heading)| (page, Some(heading)));
    let page = format!("docs/tasks/{page}.md");
    let text = std::fs::read_to_string(root().join(&page)).unwrap();
    let mut commands = documents::of_page(&page, &text);
    commands.retain(|command| command.kind == Kind::Shell);
    if let Some(heading) = heading {
        let is_heading = |(_, line): &(usize, &str)| line.starts_with('#');
        let mut lines = text.lines().enumerate().filter(is_heading);
        let is_it = |(_, line): &(usize, &str)| line.trim_start_matches('#').trim() == heading;
        let (first, _) = lines.by_ref().find(is_it).unwrap_or_else(|| panic!("{page} has no {heading}"));
        let end = lines.next().map_or(usize::MAX, |(number, _)| number);
        commands.retain(|command| (first + 1..end).contains(&(command.line - 1)));
    }
    commands.into_iter().map(|command| command.text).collect()
}

/// A machine with one installation.
pub(super) struct Site {
    pub(super) installation: Installation,
    daemon: Option<Daemon>,
    /// Words of the pages that a reader fills in, and what stands for each here.
    pub(super) filled: BTreeMap<&'static str, String>,
}

impl Site {
    /// A site with a running daemon.
    pub(super) fn new(configuration: &str) -> Self {
        let mut site = Self::stopped(configuration);
        site.start();
        site
    }

    /// A site whose daemon has never run.
    pub(super) fn stopped(configuration: &str) -> Self {
        let installation = Installation::new(configuration).unwrap();
        std::fs::create_dir(installation.path("etc")).unwrap();
        std::fs::create_dir(installation.path("backup")).unwrap();
        Self { installation, daemon: None, filled: BTreeMap::from([("NAME", "files".to_owned())]) }
    }

    pub(super) fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().unwrap()
    }

    /// Posts as many events, each of which is another for another `name`.
    pub(super) fn post(&self, name: &str, events: u64) {
        for number in 0..events {
            let answer = self.daemon().post(event::webhook(&format!("{name}-{number}"), number)).unwrap();
            assert_eq!(answer.status, 200);
        }
    }

    /// Posts events and waits until the sink `files` has them.
    pub(super) fn deliver(&self, name: &str, events: u64) {
        self.post(name, events);
        self.daemon().wait_until_delivered(&["files"]).unwrap();
    }

    pub(super) fn stop(&mut self) {
        assert_eq!(self.daemon.take().unwrap().terminate().unwrap().code(), Some(0));
    }

    pub(super) fn start(&mut self) {
        self.daemon = Some(self.installation.start().unwrap());
    }

    /// Starts a daemon whose listeners may speak TLS, and does not wait until it is ready.
    pub(super) fn start_without_asking(&mut self) {
        let mut command = self.installation.command(["run", "--config", "kalends.yaml"]).unwrap();
        let log = self.installation.path("log");
        self.daemon = Some(Daemon::spawn(command.stdout(Stdio::null()), log).unwrap());
    }

    /// Starts, and waits until the sink `files` holds with these words. Where the message has a command, its position is that of
    /// the page.
    pub(super) fn start_on_hold(&mut self, words: &str) {
        self.start();
        self.holds(words);
    }

    pub(super) fn holds(&mut self, words: &str) {
        let told = self.daemon().wait_until_on_hold("files").unwrap();
        assert!(told.contains(words), "{words}: {told}");
        if let Some(position) = told.split("--to ").nth(1).and_then(|rest| rest.split([' ', '`']).next()) {
            self.filled.insert("POSITION", position.to_owned());
        }
    }

    /// Does what a line of a page says. Returns what was said.
    fn run(&mut self, command: &str) -> String {
        match command {
            "systemctl stop kalends" => self.stop(),
            "systemctl start kalends" => self.start(),
            "systemctl restart kalends" => {
                self.stop();
                self.start();
            }
            "systemctl reload kalends" => self.reload(),
            "systemctl disable kalends" => {}
            _ if command.starts_with("journalctl") => {}
            _ => return self.shell(command),
        }
        String::new()
    }

    /// Has the daemon read its configuration, and waits until that is in effect.
    fn reload(&mut self) {
        let daemon = self.daemon.as_mut().unwrap();
        let before = daemon.log().unwrap().lines().count();
        daemon.signal(Signal::HUP).unwrap();
        wait_until("the configuration to be in effect", PATIENCE, || {
            let log = daemon.log()?;
            let said = log.lines().skip(before).find(|line| line.contains("stays in effect"));
            anyhow::ensure!(said.is_none(), "{said:?}");
            Ok(log.lines().skip(before).any(|line| line.contains("is in effect")).then_some(()))
        })
        .unwrap();
    }

    fn shell(&self, command: &str) -> String {
        let place = self.installation.directory().display().to_string();
        let script = command.replace(" /backup", &format!(" {place}/backup"));
        let script = script.replace("/var/lib/kalends", &place);
        let script = script.replace("/etc/kalends", &format!("{place}/etc"));
        let filled = self.filled.iter().fold(script, |script, (word, text)| script.replace(word, text));
        let script = filled.replace("-c FILE", "-c kalends.yaml");
        let programs = program().unwrap().parent().unwrap().display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("bash");
        shell
            .args(["-euo", "pipefail", "-c", &script])
            .current_dir(&place)
            .env("PATH", path)
            .stdin(Stdio::null());
        // The daemon took any free port.
        if let Some(daemon) = &self.daemon {
            shell.env("KALENDS__ADMIN__ADDRESS", daemon.admin().to_string());
        }
        let output = shell.output().unwrap();
        let said = said(&output);
        let is_down = self.daemon.is_none() && command.starts_with("kalends status");
        let expected = if is_down { 69 } else { expected(command) };
        assert_eq!(output.status.code(), Some(expected), "{script}: {said}");
        said
    }

    /// Runs a page, or a section of it (`page#heading`), from its first command to its last, and looks at each command when it
    /// is done.
    pub(super) fn follow(&mut self, place: &str, mut seen: impl FnMut(&mut Self, &str, &str)) {
        let commands = commands(place);
        assert!(!commands.is_empty(), "{place} has no command");
        for command in commands {
            let said = self.run(&command);
            seen(self, &command, &said);
        }
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// What changes something only tells, and ends with 64, until it has `--yes`.
fn expected(command: &str) -> i32 {
    let tells = ["journal adopt", "sinks seek", "sinks skip", "kalends forget"];
    let tells = tells.iter().any(|name| command.contains(name));
    if tells && !command.contains("--yes") && !command.contains("--cancel") { 64 } else { 0 }
}
