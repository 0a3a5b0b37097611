use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Output, Stdio},
    thread,
    time::Duration,
};

use kalends_journal_local::inspect;
use kalends_tests::{
    Daemon, Installation, Record, config,
    files::records_under,
    load::{Load, Outcome},
    tree::files_under,
    wait::PATIENCE,
    wait_until,
};
use rustix::process::Signal;
use serde_json::Value;

use super::{Deed, allowance::Allowance};
use crate::{chaos::Dice, preload::preloaded};

const CONNECTIONS: u32 = 2;
const PAUSE: Duration = Duration::from_millis(50);
/// While this file is there, system calls fail.
const FAILING: &str = "fail";
const ORDER: &str = "journal/sinks/files.order.json";

/// The daemon, its load, and what was done to it.
pub(crate) struct World {
    installation: Installation,
    daemon: Daemon,
    load: Option<Load>,
    allowance: Allowance,
    limits: String,
    /// Calls have failed in this run of the daemon: it may end with 74.
    has_failed: bool,
    /// The other sink is configured.
    has_other: bool,
    replays: u32,
    loads: u32,
}

fn configuration(has_other: bool) -> String {
    let other = "  other: { kind: files, directory: ./other, roll_every: 1s, start: earliest }\n";
    let both = format!("{}{}stop_timeout: 10s\n", config::files(), if has_other { other } else { "" });
    both.replace("directory: ./journal", "directory: ./journal, segment_size: 256KiB")
        .replace("address: 127.0.0.1:0 }\nendpoints", "address: 127.0.0.1:0, max_body: 16KiB }\nendpoints")
}

impl World {
    pub(crate) fn start(name: u64) -> Self {
        let installation = Installation::new(&configuration(true)).unwrap();
        let limits = format!(
            "export KALENDS_TEST_FAIL_CALLS=./{FAILING} KALENDS_TEST_FAIL_BELOW={}/; {}",
            installation.directory().display(),
            preloaded(&installation, "failing_calls.c")
        );
        let daemon = installation.start_under(&limits).unwrap();
        let load = Load::steady(&format!("chaos-{name:x}"), daemon.public(), CONNECTIONS, PAUSE);
        let allowance = Allowance::default();
        Self {
            installation,
            daemon,
            load: Some(load),
            allowance,
            limits,
            has_failed: false,
            has_other: true,
            replays: 0,
            loads: 0,
        }
    }

    /// Starts the daemon again if it has ended because of its disk, and sees which orders are carried out.
    pub(crate) fn look_after(&mut self) {
        if let Some(status) = self.daemon.has_ended().unwrap() {
            self.assert_ended_by_its_disk(status.code());
            self.begin();
        }
        if !self.installation.path(ORDER).exists() {
            self.allowance.carried_out(self.last_position());
        }
    }

    pub(crate) fn act(&mut self, deed: Deed, dice: &mut Dice) {
        match deed {
            Deed::Kill => {
                self.daemon.signal(Signal::KILL).ok();
                self.begin();
            }
            Deed::Stop => {
                self.stop();
                self.begin();
            }
            Deed::Pause => {
                self.daemon.signal(Signal::STOP).ok();
                thread::sleep(Duration::from_millis(100 + dice.below(3000)));
                self.daemon.signal(Signal::CONT).ok();
            }
            Deed::Reload => {
                self.has_other = !self.has_other;
                self.installation.configure(&configuration(self.has_other)).unwrap();
                self.daemon.signal(Signal::HUP).ok();
            }
            Deed::RefusedReload => {
                self.installation.configure("sinks: nonsense\n").unwrap();
                self.daemon.signal(Signal::HUP).ok();
                thread::sleep(Duration::from_millis(300));
                self.installation.configure(&configuration(self.has_other)).unwrap();
            }
            Deed::Replay => self.replay(dice),
            Deed::Seek => self.seek(dice),
            Deed::FailingCalls => {
                self.has_failed = true;
                fs::write(self.installation.path(FAILING), (3 + dice.below(40)).to_string()).unwrap();
                thread::sleep(Duration::from_millis(dice.below(1500)));
                if dice.below(4) > 0 {
                    self.heal();
                }
            }
        }
    }

    fn heal(&self) {
        fs::remove_file(self.installation.path(FAILING)).ok();
    }

    fn stop(&mut self) {
        self.daemon.signal(Signal::TERM).ok();
        let ended = wait_until("the daemon to end", PATIENCE, || self.daemon.has_ended()).unwrap();
        if ended.code() != Some(0) {
            self.assert_ended_by_its_disk(ended.code());
        }
    }

    fn begin(&mut self) {
        // The process that was killed is waited for, so that its locks are free.
        wait_until("the daemon to be gone", PATIENCE, || self.daemon.has_ended()).unwrap();
        let started = self.installation.start_under(&self.limits);
        self.has_failed = self.installation.path(FAILING).exists();
        self.daemon = started.unwrap_or_else(|error| {
            assert!(self.has_failed, "{error}");
            self.heal();
            self.installation.start_under(&self.limits).unwrap()
        });
        self.load.iter().for_each(|load| load.redirect(self.daemon.public()));
    }

    fn assert_ended_by_its_disk(&self, code: Option<i32>) {
        let log = || self.daemon.log().unwrap_or_default();
        assert!(self.has_failed && code == Some(74), "ended with {code:?}:\n{}", log());
    }

    fn last_position(&self) -> u64 {
        inspect(&self.installation.path("journal")).unwrap().log().usage().last
    }

    fn replay(&mut self, dice: &mut Dice) {
        self.replays += 1;
        let id = format!("r{}", self.replays);
        let arguments = ["replay", "--sink", "files", "--id", &id, "-c", "kalends.yaml"];
        let spawn = || -> Child {
            let mut command = self.installation.command(arguments).unwrap();
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let last = self.last_position();
        if dice.below(2) == 0 {
            let mut first = spawn();
            thread::sleep(Duration::from_millis(dice.below(800)));
            first.kill().ok();
            first.wait().unwrap();
        }
        let output = self.installation.run(arguments).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        let folder = self.installation.path(&format!("events/replay={id}"));
        let records = records_under(&folder).unwrap();
        let mut positions: Vec<_> = records.iter().filter_map(|one| one.number("journal_position")).collect();
        positions.sort_unstable();
        assert!(positions.windows(2).all(|pair| pair[0] < pair[1]), "twice in a replay: {positions:?}");
        assert!(last == 0 || !positions.is_empty(), "the replay of {last} positions has nothing: {said}");
        fs::remove_dir_all(folder).ok();
    }

    fn seek(&mut self, dice: &mut Dice) {
        let last = self.last_position();
        if last == 0 {
            return;
        }
        let to = last - dice.below(last.min(150));
        self.load_away();
        self.allowance.ordered(to);
        let to_text = to.to_string();
        let output = self.sinks(&["seek", "files", "--to", &to_text, "--yes", "--json"]);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let number = |pointer: &str| told.pointer(pointer).and_then(Value::as_u64);
        if let (Some(first), Some(last)) = (number("/skipped/first"), number("/skipped/last")) {
            self.allowance.skips(first..=last);
        }
        if dice.below(6) == 0 {
            self.sinks(&["seek", "files", "--cancel"]);
        }
    }

    fn sinks(&self, arguments: &[&str]) -> Output {
        let all = ["sinks"].iter().chain(arguments).chain(&["-c", "kalends.yaml"]);
        self.installation.run(all.collect::<Vec<_>>()).unwrap()
    }

    /// What a loader does: files that come again may have the names that they had.
    fn load_away(&mut self) {
        self.loads += 1;
        let (events, loaded) = (self.installation.path("events"), self.installation.path("loaded"));
        for file in files_under(&events).unwrap_or_default() {
            let inside = file.strip_prefix(&events).unwrap();
            let topic = inside.iter().next().unwrap().to_string_lossy().into_owned();
            if topic.starts_with(".kalends") || topic.starts_with("replay=") {
                continue;
            }
            let target = loaded.join(self.loads.to_string()).join(inside);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::rename(&file, target).ok();
        }
    }

    /// Ends what fails, and has everything delivered.
    pub(crate) fn drain(mut self) -> (Installation, Outcome, Allowance) {
        self.heal();
        self.look_after();
        self.installation.configure(&configuration(true)).unwrap();
        self.stop();
        self.begin();
        let outcome = self.load.take().unwrap().stop().unwrap();
        while self.daemon.wait_until_delivered(&["files", "other"]).is_err() {
            let status = self.daemon.status().unwrap().to_string();
            assert!(status.contains("exists already"), "{status}");
            self.load_away();
        }
        self.stop();
        let verified = self.installation.run(["journal", "verify", "-c", "kalends.yaml"]).unwrap();
        assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
        assert!(!self.installation.path(ORDER).exists(), "no order waits");
        self.allowance.carried_out(self.last_position());
        (self.installation, outcome, self.allowance)
    }
}

/// The journal: the id of the event at each position.
pub(crate) fn stored(installation: &Installation) -> BTreeMap<u64, String> {
    let output = installation.run(["journal", "cat", "-c", "kalends.yaml"]).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let line = |line: &str| {
        let receipt: Value = serde_json::from_str(line).unwrap();
        let body: Value = serde_json::from_str(receipt["body"].as_str().unwrap()).unwrap();
        (receipt["position"].as_u64().unwrap(), body["eventId"].as_str().unwrap().to_owned())
    };
    String::from_utf8(output.stdout).unwrap().lines().map(line).collect()
}

/// The records that a loader has taken away.
pub(crate) fn loaded(installation: &Installation) -> Vec<Record> {
    let folders = fs::read_dir(installation.path("loaded")).into_iter().flatten();
    folders.flat_map(|folder| records_under(&folder.unwrap().path()).unwrap()).collect()
}
