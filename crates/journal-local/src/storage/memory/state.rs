use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use super::fault::{Countdown, Fault};
use crate::storage::to_u64;

/// A file, as it reads and as the disk has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Inode {
    pub(super) live: Vec<u8>,
    pub(super) durable: Vec<u8>,
    /// How far it was ever written to; space behind that was only allocated.
    pub(super) used: usize,
    /// Lost for good by a failed sync: later syncs of this file don't write it.
    pub(super) forsaken: bool,
}

/// A change of the names in a directory that may not be on disk yet.
#[derive(Debug, Clone)]
pub(super) enum NameChange {
    Set(PathBuf, usize),
    Rename(PathBuf, PathBuf, usize),
    Remove(PathBuf),
}

impl NameChange {
    pub(super) fn is_in(&self, directory: &Path) -> bool {
        let (Self::Set(path, _) | Self::Rename(path, ..) | Self::Remove(path)) = self;
        path.parent() == Some(directory)
    }

    pub(super) fn apply(self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Set(path, inode) => drop(names.insert(path, inode)),
            Self::Rename(from, to, inode) => {
                names.remove(&from);
                names.insert(to, inode);
            }
            Self::Remove(path) => drop(names.remove(&path)),
        }
    }
}

/// The whole disk.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) inodes: Vec<Inode>,
    pub(super) live: BTreeMap<PathBuf, usize>,
    pub(super) durable: BTreeMap<PathBuf, usize>,
    pub(super) changes: Vec<NameChange>,
    pub(super) directories: BTreeSet<PathBuf>,
    pub(super) locked: bool,
    pub(super) countdown: Option<Countdown>,
    pub(super) free: u64,
    /// What all files together may take; no limit if there is none.
    pub(super) capacity: Option<u64>,
    /// What the next random bytes come from; random for good if there is none.
    pub(super) seed: Option<u64>,
}

impl State {
    /// Whether a fault strikes an operation that these faults fit.
    pub(super) fn strikes(&mut self, fits: &[Fault]) -> Option<Fault> {
        let fault = self.countdown.as_mut()?.strikes(fits)?;
        if fault != Fault::Full {
            self.countdown = None;
        }
        Some(fault)
    }

    /// Fails if a fault strikes an operation that these faults fit.
    pub(super) fn check(&mut self, fits: &[Fault]) -> io::Result<()> {
        self.strikes(fits).map_or(Ok(()), |_| Err(injected()))
    }

    /// Bytes that can still be written.
    pub(super) fn free_bytes(&self) -> u64 {
        let Some(capacity) = self.capacity else { return self.free };
        let taken =
            self.live.values().filter_map(|inode| self.inodes.get(*inode)).map(|inode| inode.live.len());
        capacity.saturating_sub(to_u64(taken.sum())).min(self.free)
    }

    /// Fails if a file of `length` bytes can't have `wanted`.
    pub(super) fn check_room(&self, length: usize, wanted: usize) -> io::Result<()> {
        let more = to_u64(wanted.saturating_sub(length));
        let limited = self.capacity.is_some() && more > self.free_bytes();
        if limited { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    pub(super) fn change(&mut self, change: NameChange) {
        change.clone().apply(&mut self.live);
        self.changes.push(change);
    }

    pub(super) fn inode_at(&self, path: &Path) -> io::Result<usize> {
        self.live.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn inode(&mut self, inode: usize) -> io::Result<&mut Inode> {
        self.inodes.get_mut(inode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

pub(super) fn injected() -> io::Error {
    io::Error::other("injected")
}
