//! A file system in memory that fails on demand and, at a crash, forgets what was not synced.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::storage::{File, Lock, Storage};

/// What the next matching operation does instead of working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A sync fails, and what it should have made durable never will be, though it still reads well.
    Sync,
    /// A write puts only some of its bytes down, then finds the disk full.
    Full,
    /// Anything fails.
    Any,
}

#[derive(Debug, Clone, Default)]
struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
    /// Lost for good by a failed sync: later syncs of this file don't write it.
    forsaken: bool,
}

#[derive(Debug, Clone)]
enum NameChange {
    Set(PathBuf, usize),
    Rename(PathBuf, PathBuf, usize),
    Remove(PathBuf),
}

#[derive(Debug, Clone, Default)]
struct State {
    inodes: Vec<Inode>,
    live: BTreeMap<PathBuf, usize>,
    durable: BTreeMap<PathBuf, usize>,
    changes: Vec<NameChange>,
    directories: BTreeSet<PathBuf>,
    locked: bool,
    /// The fault strikes when so many operations that it fits have passed.
    fault: Option<(Fault, u32)>,
    free: u64,
}

/// The file system. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    state: Arc<Mutex<State>>,
    syncs: Arc<AtomicU64>,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        let state = State { free: u64::MAX / 2, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), syncs: Arc::default(), gate: Arc::default() }
    }

    /// Lets every sync wait until [`Memory::let_sync`].
    pub(crate) fn hold_syncs(&self) {
        *self.gate.0.lock().unwrap() = true;
    }

    pub(crate) fn let_sync(&self) {
        *self.gate.0.lock().unwrap() = false;
        self.gate.1.notify_all();
    }

    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::SeqCst)
    }

    pub(crate) fn fail(&self, fault: Fault, after: u32) {
        self.state.lock().unwrap().fault = Some((fault, after));
    }

    pub(crate) fn heal(&self) {
        self.state.lock().unwrap().fault = None;
    }

    pub(crate) fn set_free(&self, bytes: u64) {
        self.state.lock().unwrap().free = bytes;
    }

    /// Power goes. Of each file that was not synced, `chance` decides what part of the change is there; of
    /// unsynced names, which.
    pub(crate) fn crash(&self, mut chance: impl FnMut(usize) -> usize) {
        let mut guard = self.state.lock().unwrap();
        let state = &mut *guard;
        for inode in &mut state.inodes {
            if inode.live != inode.durable {
                inode.durable = torn(&inode.durable, &inode.live, &mut chance);
            }
            inode.live = inode.durable.clone();
            inode.forsaken = false;
        }
        for change in state.changes.drain(..) {
            if chance(2) == 1 {
                apply(&mut state.durable, change);
            }
        }
        state.live = state.durable.clone();
        state.locked = false;
        state.fault = None;
    }

    pub(crate) fn names(&self, directory: &Path) -> Vec<String> {
        self.list(directory).unwrap()
    }

    pub(crate) fn list_or_nothing(&self, directory: &Path) -> Vec<String> {
        self.list(directory).unwrap_or_default()
    }

    pub(crate) fn bytes(&self, path: &Path) -> Vec<u8> {
        let state = self.state.lock().unwrap();
        state.inodes[state.live[path]].live.clone()
    }

    /// The file without the zeros at its end.
    pub(crate) fn written(&self, path: &Path) -> Vec<u8> {
        let mut bytes = self.bytes(path);
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        bytes
    }

    /// Puts bytes on the disk as if they had always been there.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap();
        let inode = state.inodes.len();
        state.inodes.push(Inode { live: bytes.to_vec(), durable: bytes.to_vec(), forsaken: false });
        state.live.insert(path.to_owned(), inode);
        state.durable.insert(path.to_owned(), inode);
    }

    /// Another disk with the same files, all of them durable.
    pub(crate) fn copy(&self) -> Self {
        let other = Self::new();
        let state = self.state.lock().unwrap();
        for (path, inode) in &state.live {
            other.put(path, &state.inodes[*inode].live);
        }
        other
    }

    /// This disk as it is now, for whoever comes after the process that uses it.
    pub(crate) fn fork(&self) -> Self {
        let state = State { locked: false, ..self.state.lock().unwrap().clone() };
        Self { state: Arc::new(Mutex::new(state)), ..Self::new() }
    }
}

fn torn(durable: &[u8], live: &[u8], chance: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let same = durable.iter().zip(live).take_while(|(old, new)| old == new).count();
    let cut = same + chance(live.len() - same + 1);
    let mut bytes = live[..cut].to_vec();
    match chance(3) {
        // The length reached the disk, the bytes didn't.
        0 => bytes.resize(live.len(), 0),
        // The end reached the disk, the middle didn't.
        1 => {
            let end = cut + chance(live.len() - cut + 1);
            bytes.resize(end, 0);
            bytes.extend_from_slice(&live[end..]);
        }
        _ => bytes.extend_from_slice(durable.get(cut..).unwrap_or_default()),
    }
    bytes
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, change: NameChange) {
    match change {
        NameChange::Set(path, inode) => drop(names.insert(path, inode)),
        NameChange::Rename(from, to, inode) => {
            names.remove(&from);
            names.insert(to, inode);
        }
        NameChange::Remove(path) => drop(names.remove(&path)),
    }
}

impl State {
    fn strikes(&mut self, kinds: &[Fault]) -> Option<Fault> {
        let (fault, after) = self.fault.as_mut().filter(|(fault, _)| kinds.contains(fault))?;
        if let Some(left) = after.checked_sub(1) {
            *after = left;
            return None;
        }
        let fault = *fault;
        if fault != Fault::Full {
            self.fault = None;
        }
        Some(fault)
    }

    fn check(&mut self) -> io::Result<()> {
        self.strikes(&[Fault::Any]).map_or(Ok(()), |_| Err(io::Error::other("injected")))
    }

    fn change(&mut self, change: NameChange) {
        apply(&mut self.live, change.clone());
        self.changes.push(change);
    }
}

impl Storage for Memory {
    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.state.lock().unwrap().directories.insert(directory.to_owned());
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let state = self.state.lock().unwrap();
        if !state.directories.contains(directory)
            && !state.live.keys().any(|path| path.starts_with(directory))
        {
            return Err(ErrorKind::NotFound.into());
        }
        let paths = state.live.keys().filter(|path| path.parent() == Some(directory));
        Ok(paths.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let state = self.state.lock().unwrap();
        let inode = *state.live.get(path).ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(Handle { disk: self.clone(), inode }))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let mut state = self.state.lock().unwrap();
        state.check()?;
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.change(NameChange::Set(path.to_owned(), inode));
        Ok(Box::new(Handle { disk: self.clone(), inode }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.check()?;
        let inode = *state.live.get(from).ok_or(ErrorKind::NotFound)?;
        state.change(NameChange::Rename(from.to_owned(), to.to_owned(), inode));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        state.check()?;
        if !state.live.contains_key(path) {
            return Err(ErrorKind::NotFound.into());
        }
        state.change(NameChange::Remove(path.to_owned()));
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut guard = self.state.lock().unwrap();
        let state = &mut *guard;
        if state.strikes(&[Fault::Any, Fault::Sync]).is_some() {
            return Err(io::Error::other("injected"));
        }
        let inside = |change: &NameChange| match change {
            NameChange::Set(path, _) | NameChange::Rename(path, ..) | NameChange::Remove(path) => {
                path.parent() == Some(directory)
            }
        };
        for change in state.changes.extract_if(.., |change| inside(change)) {
            apply(&mut state.durable, change);
        }
        Ok(())
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.state.lock().unwrap().free)
    }

    fn lock(&self, _: &Path) -> io::Result<Option<Lock>> {
        let mut state = self.state.lock().unwrap();
        if state.locked {
            return Ok(None);
        }
        state.locked = true;
        Ok(Some(Box::new(Guard(self.clone()))))
    }
}

#[derive(Debug)]
struct Guard(Memory);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().locked = false;
    }
}

#[derive(Debug)]
struct Handle {
    disk: Memory,
    inode: usize,
}

impl File for Handle {
    fn is_at(&self, path: &Path) -> io::Result<bool> {
        Ok(self.disk.state.lock().unwrap().live.get(path) == Some(&self.inode))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.state.lock().unwrap();
        let bytes = &state.inodes[self.inode].live;
        let rest = bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state.lock().unwrap();
        let fault = state.strikes(&[Fault::Any, Fault::Full]);
        let put = if fault.is_some() { &bytes[..bytes.len() / 2] } else { bytes };
        let (start, end) = (usize::try_from(offset).unwrap(), usize::try_from(offset).unwrap() + put.len());
        let live = &mut state.inodes[self.inode].live;
        if live.len() < end {
            live.resize(end, 0);
        }
        live[start..end].copy_from_slice(put);
        match fault {
            None => Ok(()),
            Some(Fault::Full) => Err(ErrorKind::StorageFull.into()),
            Some(_) => Err(io::Error::other("injected")),
        }
    }

    fn allocate(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state.lock().unwrap();
        state.check()?;
        let live = &mut state.inodes[self.inode].live;
        live.resize(live.len().max(usize::try_from(length).unwrap()), 0);
        Ok(())
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state.lock().unwrap();
        state.check()?;
        state.inodes[self.inode].live.resize(usize::try_from(length).unwrap(), 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let (held, changed) = &*self.disk.gate;
        drop(changed.wait_while(held.lock().unwrap(), |held| *held).unwrap());
        let mut state = self.disk.state.lock().unwrap();
        if state.strikes(&[Fault::Any, Fault::Sync]).is_some() {
            state.inodes[self.inode].forsaken = true;
            return Err(io::Error::other("injected"));
        }
        self.disk.syncs.fetch_add(1, Ordering::SeqCst);
        let inode = &mut state.inodes[self.inode];
        if !inode.forsaken {
            inode.durable = inode.live.clone();
        }
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.state.lock().unwrap().inodes[self.inode].live.len().try_into().unwrap())
    }
}
