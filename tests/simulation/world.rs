use std::{fs, path::Path, sync::Arc, time::Duration};

use kalends_journal_local::{ClockSource, Memory, Settings};
use kalends_normalise::{Plan, TimeUnit};
use kalends_sink_files::Codec;
use tempfile::TempDir;

use crate::{destination::Destination, dice::Dice, history::History, time::Time};

/// What outlives every process: disk, destinations, time.
pub(crate) struct World {
    pub(crate) time: Time,
    pub(crate) history: History,
    pub(crate) disk: Memory,
    pub(crate) directory: TempDir,
    pub(crate) journal: Settings,
    pub(crate) window: Duration,
    pub(crate) plan: Arc<Plan>,
    /// One that is required, and one that is not.
    pub(crate) destinations: [Destination; 2],
    /// A files sink, in some worlds: its disk is this machine's.
    pub(crate) files: Option<kalends_sink_files::Settings>,
}

impl World {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let time = Time::new();
        let history = History::new(time.clone());
        let directory = directory();
        let window = dice.millis(5_000, 30_000);
        let mut journal = Settings {
            segment_bytes: 4_000 + dice.below(20_000),
            max_bytes: 50_000 + dice.below(150_000),
            min_free_bytes: 50_000,
            retain: window,
            queue: 16,
            max_payload_bytes: 5_000,
            clock: ClockSource::Steady,
            ..Settings::new("/journal")
        };
        let disk = Memory::seeded(dice.next());
        // A disk that history fills long before it is old, or the journal large.
        if dice.permille(300) {
            disk.set_capacity(Some(journal.min_free_bytes + 60_000 + dice.below(60_000)));
            (journal.max_bytes, journal.retain) = (10_000_000, Duration::from_hours(1));
        }
        let files = dice.permille(250).then(|| kalends_sink_files::Settings {
            directory: directory.path().join("events"),
            roll_every: Duration::from_secs(3),
            roll_bytes: 30_000,
            codec: Codec::Null,
        });
        let destination =
            |name, dice: &mut Dice| Destination::new(name, time.clone(), history.clone(), dice.fork());
        Self {
            disk,
            destinations: [destination("required", dice), destination("extra", dice)],
            directory,
            journal,
            window,
            plan: Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()),
            files,
            time,
            history,
        }
    }
}

impl World {
    /// Has the notes of a destination never be written again, as on a disk that stays full; not before there is one.
    pub(crate) fn make_notes_fail(&self, which: usize) {
        let note =
            self.directory.path().join(format!("journal/sinks/{}.json", self.destinations[which].name));
        if note.exists() {
            // Where the next one would be written, something else is.
            fs::create_dir_all(note.with_extension("json.tmp")).unwrap();
        }
    }

    /// Whether the notes of a destination can't be written any more.
    pub(crate) fn notes_fail(&self, which: usize) -> bool {
        let name = self.destinations[which].name;
        self.directory.path().join(format!("journal/sinks/{name}.json.tmp")).is_dir()
    }
}

/// A directory in memory where there is one: what the files sink and the notes of the sinks sync is of no interest here.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new().prefix("kalends-simulation-").to_owned();
    if memory.is_dir() { builder.tempdir_in(memory).unwrap() } else { builder.tempdir().unwrap() }
}
