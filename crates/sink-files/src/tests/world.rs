use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use kalends_sink::{Failure, Sink as _};

use super::harness::{ALICE, DAY, checkpoint, sink, streams, visible, write};
use crate::FileSink;

const ROLL: u64 = 6;

/// Moves every published file away, before every step of the sink.
#[derive(Default)]
pub(super) struct Loader {
    names: BTreeSet<String>,
    positions: Vec<u64>,
}

impl Loader {
    pub(super) fn load(&mut self, directory: &Path) {
        for (name, positions) in visible(directory) {
            fs::remove_file(directory.join(&name)).unwrap();
            assert!(self.names.insert(name.clone()), "{name} was published twice");
            self.positions.extend(positions);
        }
    }

    /// Every record up to `position` was published once, and none behind it.
    fn assert_loaded_through(&self, position: u64) {
        let mut positions = self.positions.clone();
        positions.sort_unstable();
        assert_eq!(positions, (1..=position).collect::<Vec<_>>());
    }
}

/// A destination, and what is known about it beside what it says itself.
pub(super) struct World {
    pub(super) directory: tempfile::TempDir,
    pub(super) loader: Arc<Mutex<Loader>>,
    pub(super) greedy: bool,
    /// The last position that there is to deliver.
    pub(super) end: u64,
    /// The last position whose commit succeeded, or that a connect returned.
    pub(super) acknowledged: AtomicU64,
}

impl World {
    pub(super) fn new(greedy: bool) -> Self {
        // The page cache outlives a process, so memory will do, where fsync is free.
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        Self {
            directory: tempfile::tempdir_in(parent).unwrap(),
            loader: Arc::default(),
            greedy,
            end: 2 * ROLL,
            acknowledged: AtomicU64::new(0),
        }
    }

    /// A world with one roll to deliver, for tests that try pairs of steps.
    pub(super) fn short(greedy: bool) -> Self {
        Self { end: ROLL, ..Self::new(greedy) }
    }

    /// Delivers all that is left, as delivery does after a connect.
    pub(super) fn deliver(&self, sink: &mut FileSink) -> Result<(), Failure> {
        let known = sink.connect(ALICE, &streams())?;
        let mut position = known.map_or(0, |checkpoint| checkpoint.position);
        assert!(known.is_none_or(|known| known == checkpoint(ALICE, position)));
        assert!(position >= self.acknowledged.load(Ordering::SeqCst), "an acknowledged commit is gone");
        self.acknowledged.store(position, Ordering::SeqCst);
        let mut loader = self.loader.lock().unwrap();
        if self.greedy {
            loader.load(self.directory.path());
            loader.assert_loaded_through(position);
        } else {
            let files = visible(self.directory.path()).into_iter();
            let mut positions: Vec<_> = files.flat_map(|(_, positions)| positions).collect();
            positions.sort_unstable();
            assert_eq!(positions, (1..=position).collect::<Vec<_>>());
        }
        drop(loader);
        while position < self.end {
            for next in position + 1..=position + ROLL {
                write(sink, next, i64::try_from(next / 4).unwrap() * DAY, 10)?;
            }
            position += ROLL;
            sink.commit(checkpoint(ALICE, position))?;
            self.acknowledged.store(position, Ordering::SeqCst);
        }
        sink.commit(checkpoint(ALICE, position))
    }

    /// A process without faults delivers the rest, and another one finds everything in place.
    pub(super) fn assert_recovers(&self) {
        self.deliver(&mut sink(self.directory.path())).unwrap();
        self.deliver(&mut sink(self.directory.path())).unwrap();
        let mut hidden = fs::read_dir(self.directory.path().join(".kalends")).unwrap().map(Result::unwrap);
        assert!(hidden.all(|entry| entry.file_name() == "lock" || entry.file_name() == "manifest.json"));
    }
}
