use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Arc, Mutex},
};

use kalends_sink::{Failure, Sink as _};

use super::harness::{ALICE, DAY, checkpoint, settings, sink, streams, visible, write};
use crate::{
    FileSink,
    disk::{Hook, Step},
};

const LAST: u64 = 12;
const ROLL: u64 = 6;

/// What the disk does from the n-th step on.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The process is dead: nothing happens any more. A write that was under way is torn.
    Death,
    /// One step fails, and later ones work.
    Full,
}

/// Moves every published file away, before every step of the sink.
#[derive(Default)]
struct Loader {
    names: BTreeSet<String>,
    positions: Vec<u64>,
}

impl Loader {
    fn load(&mut self, directory: &Path) {
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

struct World {
    directory: tempfile::TempDir,
    loader: Arc<Mutex<Loader>>,
    greedy: bool,
}

impl World {
    fn new(greedy: bool) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), loader: Arc::default(), greedy }
    }

    fn faulty(&self, fault: Fault, at: usize) -> FileSink {
        let (loader, greedy) = (self.loader.clone(), self.greedy);
        let directory = self.directory.path().to_owned();
        let steps = Mutex::new(0);
        let hook: Hook = Arc::new(move |step, path| {
            if greedy {
                loader.lock().unwrap().load(&directory);
            }
            let mut steps = steps.lock().unwrap();
            *steps += 1;
            match fault {
                Fault::Death if *steps >= at => {
                    if *steps == at && step == Step::Write {
                        OpenOptions::new().append(true).open(path)?.write_all(b"to")?;
                    }
                    Err(io::Error::other("the process is dead"))
                }
                Fault::Full if *steps == at => Err(io::ErrorKind::StorageFull.into()),
                Fault::Death | Fault::Full => Ok(()),
            }
        });
        FileSink::with_hook(settings(self.directory.path()), hook)
    }

    /// Delivers all that is left, as delivery does after a connect.
    fn deliver(&self, sink: &mut FileSink) -> Result<(), Failure> {
        let known = sink.connect(ALICE, &streams())?;
        let mut position = known.map_or(0, |checkpoint| checkpoint.position);
        assert!(known.is_none_or(|known| known == checkpoint(ALICE, position)));
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
        while position < LAST {
            for next in position + 1..=position + ROLL {
                write(sink, next, i64::try_from(next / 4).unwrap() * DAY, 10)?;
            }
            position += ROLL;
            sink.commit(checkpoint(ALICE, position))?;
        }
        sink.commit(checkpoint(ALICE, position))
    }

    /// A process without faults delivers the rest, and another one finds everything in place.
    fn assert_recovers(&self) {
        self.deliver(&mut sink(self.directory.path())).unwrap();
        self.deliver(&mut sink(self.directory.path())).unwrap();
    }
}

#[test]
fn a_process_that_dies_at_any_step_loses_and_repeats_nothing() {
    for greedy in [false, true] {
        let mut at = 1;
        loop {
            let world = World::new(greedy);
            let survived = world.deliver(&mut world.faulty(Fault::Death, at)).is_ok();
            world.assert_recovers();
            if survived {
                break;
            }
            at += 1;
        }
        assert!(at > 60, "only {at} steps were tried");
    }
}

#[test]
fn a_process_that_dies_again_while_it_recovers_loses_and_repeats_nothing() {
    let mut at = 1;
    loop {
        let world = World::new(true);
        if world.deliver(&mut world.faulty(Fault::Death, at)).is_ok() {
            break;
        }
        // Each life gets one step further, so that every step of the recovery is the last one of some life.
        for again in 1..40 {
            drop(world.faulty(Fault::Death, again).connect(ALICE, &streams()));
        }
        world.assert_recovers();
        at += 1;
    }
}

#[test]
fn a_full_disk_at_any_step_is_a_retry_and_loses_and_repeats_nothing() {
    for greedy in [false, true] {
        let mut at = 1;
        loop {
            let world = World::new(greedy);
            let mut sink = world.faulty(Fault::Full, at);
            let Err(failure) = world.deliver(&mut sink) else { break };
            let Failure::Retry { message } = failure else { panic!("{failure:?}") };
            assert!(message.contains(world.directory.path().to_str().unwrap()), "{message}");
            assert!(
                matches!(sink.commit(checkpoint(ALICE, LAST)), Err(Failure::Retry { .. })),
                "trusted at {at}"
            );
            world.deliver(&mut sink).unwrap();
            drop(sink);
            world.assert_recovers();
            at += 1;
        }
    }
}

#[test]
fn a_commit_makes_each_thing_durable_before_what_relies_on_it() {
    let directory = tempfile::tempdir().unwrap();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let (log, root) = (steps.clone(), directory.path().to_owned());
    let hook: Hook = Arc::new(move |step, path| {
        let name = path.strip_prefix(&root).unwrap_or(path).to_str().unwrap();
        let name = if name.ends_with(".part") { "part" } else { name };
        log.lock().unwrap().push(format!("{step:?} {name}"));
        Ok(())
    });
    let mut sink = FileSink::with_hook(settings(directory.path()), hook);
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, 0, 0).unwrap();
    steps.lock().unwrap().clear();
    sink.commit(checkpoint(ALICE, 1)).unwrap();
    let file = "odd/date=1970-01-01/00000000000000000001-00000000000000000001.avro";
    let inspect = format!("Inspect {file}");
    let rename = format!("Rename {file}");
    assert_eq!(
        *steps.lock().unwrap(),
        [
            "Write part",
            "Sync part",
            &inspect,
            "SyncDirectory .kalends",
            "Create .kalends/manifest.json.new",
            "Write .kalends/manifest.json.new",
            "Sync .kalends/manifest.json.new",
            "Rename .kalends/manifest.json",
            "SyncDirectory .kalends",
            "Inspect part",
            &inspect,
            "CreateDirectory odd/date=1970-01-01",
            &rename,
            "SyncDirectory ",
            "SyncDirectory .kalends",
            "SyncDirectory odd",
            "SyncDirectory odd/date=1970-01-01",
        ]
    );
}
