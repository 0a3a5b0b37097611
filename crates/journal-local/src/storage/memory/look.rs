use std::path::Path;

use super::{
    Memory,
    state::{Inode, State},
};
use crate::storage::Storage;

/// What tests of the journal itself see of the disk, and put on it.
impl Memory {
    pub(crate) fn names(&self, directory: &Path) -> Vec<String> {
        self.list(directory).unwrap()
    }

    pub(crate) fn list_or_nothing(&self, directory: &Path) -> Vec<String> {
        self.list(directory).unwrap_or_default()
    }

    pub(crate) fn bytes(&self, path: &Path) -> Vec<u8> {
        let state = self.state();
        state.inodes[state.live[path]].live.clone()
    }

    /// The file without the zeros at its end.
    pub(crate) fn written(&self, path: &Path) -> Vec<u8> {
        let mut bytes = self.bytes(path);
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        bytes
    }

    /// How far the file was ever written to.
    pub(crate) fn used(&self, path: &Path) -> usize {
        let state = self.state();
        state.inodes[state.live[path]].used
    }

    /// Puts bytes on the disk as if they had always been there.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state();
        let inode = state.inodes.len();
        let (live, durable) = (bytes.to_vec(), bytes.to_vec());
        state.inodes.push(Inode { live, durable, used: bytes.len(), forsaken: false });
        state.live.insert(path.to_owned(), inode);
        state.durable.insert(path.to_owned(), inode);
    }

    /// Another disk with the same files, all of them durable.
    pub(crate) fn copy(&self) -> Self {
        let other = Self::new();
        let state = self.state();
        for (path, inode) in &state.live {
            other.put(path, &state.inodes[*inode].live);
        }
        other
    }

    /// This disk as it is now, for whoever comes after the process that uses it.
    pub(crate) fn fork(&self) -> Self {
        Self::with(State { locked: false, ..self.state().clone() })
    }
}
