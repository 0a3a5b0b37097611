use std::{
    io::{self, ErrorKind},
    path::Path,
};

use super::{
    Memory,
    fault::Fault,
    state::{Inode, injected},
};
use crate::storage::{File, to_u64, to_usize};

/// An open file.
#[derive(Debug)]
pub(super) struct Handle {
    disk: Memory,
    inode: usize,
}

impl Handle {
    pub(super) fn new(disk: Memory, inode: usize) -> Self {
        Self { disk, inode }
    }
}

impl File for Handle {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.check(&[Fault::Read])?;
        let rest = state.inode(self.inode)?.live.get(to_usize(offset)..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        Ok(length)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.strikes(&[Fault::Any, Fault::Full]);
        let length = state.inode(self.inode)?.live.len();
        let full = state.check_room(length, to_usize(offset).saturating_add(bytes.len())).is_err();
        let fault = fault.or(full.then_some(Fault::Full));
        let (half, _) = bytes.split_at_checked(bytes.len() / 2).unwrap_or_default();
        let put = if fault.is_some() { half } else { bytes };
        let Inode { live, used, .. } = state.inode(self.inode)?;
        let start = to_usize(offset);
        let end = start + put.len();
        *used = end.max(*used);
        if live.len() < end {
            live.resize(end, 0);
        }
        if let Some(place) = live.get_mut(start..end) {
            place.copy_from_slice(put);
        }
        match fault {
            None => Ok(()),
            Some(Fault::Full) => Err(ErrorKind::StorageFull.into()),
            Some(_) => Err(injected()),
        }
    }

    fn allocate(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.check(&[Fault::Any])?;
        let length_now = state.inode(self.inode)?.live.len();
        state.check_room(length_now, to_usize(length))?;
        let live = &mut state.inode(self.inode)?.live;
        live.resize(live.len().max(to_usize(length)), 0);
        Ok(())
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.check(&[Fault::Any])?;
        state.inode(self.inode)?.live.resize(to_usize(length), 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.sync(self.inode)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(to_u64(self.disk.state().inode(self.inode)?.live.len()))
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        Ok(self.disk.state().live.get(path) == Some(&self.inode))
    }
}
