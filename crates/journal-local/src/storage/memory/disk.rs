use std::{
    io::{self, ErrorKind},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    fault::{Countdown, Fault},
    file::Handle,
    gate::Gate,
    state::{Inode, NameChange, State, injected},
};
use crate::storage::{File, Lock, Storage};

/// The disk. Clones share it.
#[derive(Debug, Clone)]
pub struct Memory {
    pub(super) state: Arc<Mutex<State>>,
    syncs: Arc<AtomicU64>,
    gate: Arc<Gate>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty disk, with room for everything.
    #[must_use]
    pub fn new() -> Self {
        Self::with(State { free: u64::MAX / 2, ..State::default() })
    }

    /// An empty disk on which a new journal is the same one for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let disk = Self::new();
        disk.state().seed = Some(seed);
        disk
    }

    pub(super) fn with(state: State) -> Self {
        Self { state: Arc::new(Mutex::new(state)), syncs: Arc::default(), gate: Arc::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `fault` strike when `after` operations that it fits have passed.
    pub fn fail(&self, fault: Fault, after: u32) {
        self.state().countdown = Some(Countdown { fault, left: after });
    }

    /// From now on everything works, until the next fault.
    pub fn heal(&self) {
        self.state().countdown = None;
    }

    /// The free bytes that the disk tells of; writes are not held against them.
    pub fn set_free(&self, bytes: u64) {
        self.state().free = bytes;
    }

    /// Bytes that all files together may take from now on; a write beyond that finds the disk full. `None`: no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Power goes. `chance` decides what is left of the unsynced: it gives some number below its argument.
    /// Nobody may have the disk open.
    pub fn crash(&self, chance: impl FnMut(usize) -> usize) {
        self.state().crash(chance);
    }

    /// Lets every sync wait until [`Memory::let_sync`].
    pub fn hold_syncs(&self) {
        self.gate.hold();
    }

    /// Waits for a sync to be held. False: none came within a minute.
    #[must_use]
    pub fn holds_a_sync(&self) -> bool {
        self.gate.is_waited_at()
    }

    /// Lets syncs go on.
    pub fn let_sync(&self) {
        self.gate.open();
    }

    /// How many syncs of files have succeeded.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::SeqCst)
    }

    /// A sync of a file, with its faults.
    pub(super) fn sync(&self, inode: usize) -> io::Result<()> {
        self.gate.pass();
        let mut state = self.state();
        if state.strikes(&[Fault::Any, Fault::Sync]).is_some() {
            state.inode(inode)?.forsaken = true;
            return Err(injected());
        }
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let inode = state.inode(inode)?;
        if !inode.forsaken {
            inode.durable = inode.live.clone();
        }
        Ok(())
    }

    fn handle(&self, inode: usize) -> Box<dyn File> {
        Box::new(Handle::new(self.clone(), inode))
    }
}

impl Storage for Memory {
    fn create_directory(&self, directory: &Path) -> io::Result<()> {
        self.state().directories.insert(directory.to_owned());
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        if !state.directories.contains(directory)
            && !state.live.keys().any(|path| path.starts_with(directory))
        {
            return Err(ErrorKind::NotFound.into());
        }
        let paths = state.live.keys().filter(|path| path.parent() == Some(directory));
        Ok(paths.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let mut state = self.state();
        state.check(&[Fault::Read])?;
        let inode = state.inode_at(path)?;
        Ok(self.handle(inode))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn File>> {
        let mut state = self.state();
        state.check(&[Fault::Any])?;
        let inode = state.inodes.len();
        state.inodes.push(Inode::default());
        state.change(NameChange::Set(path.to_owned(), inode));
        Ok(self.handle(inode))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.check(&[Fault::Any])?;
        let inode = state.inode_at(from)?;
        state.change(NameChange::Rename(from.to_owned(), to.to_owned(), inode));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.check(&[Fault::Any])?;
        state.inode_at(path)?;
        state.change(NameChange::Remove(path.to_owned()));
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut guard = self.state();
        let state = &mut *guard;
        state.check(&[Fault::Any, Fault::Sync])?;
        for change in state.changes.extract_if(.., |change| change.is_in(directory)) {
            change.apply(&mut state.durable);
        }
        Ok(())
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.state().free_bytes())
    }

    fn lock(&self, _: &Path) -> io::Result<Option<Lock>> {
        let mut state = self.state();
        if state.locked {
            return Ok(None);
        }
        state.locked = true;
        Ok(Some(Box::new(Guard(self.clone()))))
    }

    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        let Some(mut seed) = self.state().seed else {
            return getrandom::fill(bytes).map_err(io::Error::from);
        };
        for byte in bytes {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            [*byte, ..] = seed.to_be_bytes();
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Guard(Memory);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.state().locked = false;
    }
}
