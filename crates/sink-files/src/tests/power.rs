use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::Ordering},
};

use kalends_sink::Sink as _;

use super::{
    harness::{ALICE, settings, streams},
    world::World,
};
use crate::{FileSink, disk::Hook, disk_op::DiskOp};

/// The content of a disk when the power goes: names as of their directory's last fsync, bytes as of their file's.
/// A rename is atomic: once its new name is durable, the old one is gone.
#[derive(Default)]
struct Durable {
    names: BTreeMap<PathBuf, BTreeMap<OsString, u64>>,
    bytes: BTreeMap<u64, Vec<u8>>,
    under_way: Option<(DiskOp, PathBuf)>,
}

impl Durable {
    /// Called before a step: the one before it has succeeded.
    fn advance(&mut self, step: DiskOp, path: &Path) {
        match self.under_way.replace((step, path.to_owned())) {
            Some((DiskOp::Sync, path)) => {
                let inode = fs::metadata(&path).unwrap().ino();
                self.bytes.insert(inode, fs::read(&path).unwrap());
            }
            Some((DiskOp::SyncDirectory, path)) => {
                let entries = fs::read_dir(&path).into_iter().flatten().map(Result::unwrap);
                let names: BTreeMap<_, _> =
                    entries.map(|entry| (entry.file_name(), entry.metadata().unwrap().ino())).collect();
                for elsewhere in self.names.values_mut() {
                    elsewhere.retain(|_, inode| !names.values().any(|here| here == inode));
                }
                self.names.insert(path, names);
            }
            _ => {}
        }
    }

    /// Makes in `to` what is left of the directory `from`.
    fn restore(&self, from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for (name, inode) in self.names.get(from).into_iter().flatten() {
            let (from, to) = (from.join(name), to.join(name));
            if from.is_dir() {
                self.restore(&from, &to);
            } else {
                fs::write(to, self.bytes.get(inode).map_or(&[][..], |bytes| bytes)).unwrap();
            }
        }
    }
}

/// A process on this disk that is dead from its step `last` on.
fn process(world: &World, disk: &Arc<Mutex<Durable>>, last: usize) -> FileSink {
    let (disk, steps, root) = (disk.clone(), Mutex::new(0), world.directory.path().to_owned());
    let hook: Hook = Arc::new(move |step, path| {
        let mut steps = steps.lock().unwrap();
        *steps += 1;
        if *steps <= last && path.starts_with(&root) {
            disk.lock().unwrap().advance(step, path);
        }
        if *steps >= last {
            disk.lock().unwrap().under_way = None;
            return Err(io::Error::other("the process is dead"));
        }
        Ok(())
    });
    FileSink::with_hook(settings(world.directory.path()), hook)
}

/// Turns the power off and on again, and looks.
fn assert_survives_power_failure(world: &World, disk: &Mutex<Durable>) {
    let after = World { end: world.end, ..World::new(false) };
    after.acknowledged.store(world.acknowledged.load(Ordering::SeqCst), Ordering::SeqCst);
    disk.lock().unwrap().restore(world.directory.path(), after.directory.path());
    after.assert_recovers();
}

#[test]
fn a_power_failure_at_any_step_loses_and_repeats_nothing() {
    let mut last = 1;
    loop {
        let (world, disk) = (World::new(false), Arc::default());
        if world.deliver(&mut process(&world, &disk, last)).is_ok() {
            break;
        }
        assert_survives_power_failure(&world, &disk);
        last += 1;
    }
    assert!(last > 60, "only {last} steps were tried");
}

#[test]
fn a_power_failure_while_the_next_process_recovers_loses_and_repeats_nothing() {
    for first in 1.. {
        for second in 1.. {
            let (world, disk) = (World::short(false), Arc::default());
            if world.deliver(&mut process(&world, &disk, first)).is_ok() {
                return;
            }
            let connected = process(&world, &disk, second).connect(ALICE, &streams());
            if let Ok(Some(known)) = connected {
                world.acknowledged.store(known.position, Ordering::SeqCst);
            }
            assert_survives_power_failure(&world, &disk);
            if connected.is_ok() {
                break;
            }
        }
    }
}
