use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::Ordering},
};

use super::{harness::settings, world::World};
use crate::{
    FileSink,
    disk::{Hook, Step},
};

/// What a disk keeps when the power goes: names as of their directory's last fsync, bytes as of their file's.
/// A rename is atomic: once its new name is durable, the old one is gone.
#[derive(Default)]
struct Durable {
    names: BTreeMap<PathBuf, BTreeMap<OsString, u64>>,
    bytes: BTreeMap<u64, Vec<u8>>,
    under_way: Option<(Step, PathBuf)>,
}

impl Durable {
    /// Called before a step: the one before it has succeeded.
    fn advance(&mut self, step: Step, path: &Path) {
        match self.under_way.replace((step, path.to_owned())) {
            Some((Step::Sync, path)) => {
                let inode = fs::metadata(&path).unwrap().ino();
                self.bytes.insert(inode, fs::read(&path).unwrap());
            }
            Some((Step::SyncDirectory, path)) => {
                let entries = fs::read_dir(&path).unwrap().map(Result::unwrap);
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

#[test]
fn a_power_failure_at_any_step_loses_and_repeats_nothing() {
    let mut at = 1;
    loop {
        let world = World::new(false);
        let durable = Arc::new(Mutex::new(Durable::default()));
        let (disk, steps) = (durable.clone(), Mutex::new(0));
        let hook: Hook = Arc::new(move |step, path| {
            let mut steps = steps.lock().unwrap();
            *steps += 1;
            if *steps > at {
                return Err(io::Error::other("the power is gone"));
            }
            disk.lock().unwrap().advance(step, path);
            if *steps == at { Err(io::Error::other("the power is gone")) } else { Ok(()) }
        });
        let root = world.directory.path();
        if world.deliver(&mut FileSink::with_hook(settings(root), hook)).is_ok() {
            break;
        }
        let after = World::new(false);
        after.acknowledged.store(world.acknowledged.load(Ordering::SeqCst), Ordering::SeqCst);
        durable.lock().unwrap().restore(root, after.directory.path());
        after.assert_recovers();
        at += 1;
    }
    assert!(at > 60, "only {at} steps were tried");
}
