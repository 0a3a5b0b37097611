use std::{fs, process};

use crate::{disk::Disk, error::Error, layout::Layout};

/// Keeps every other process away from a destination, for as long as it lives.
pub(crate) struct Lock {
    _file: fs::File,
}

impl Lock {
    /// Takes the lock, and writes into its file who did.
    pub(crate) fn take(disk: &Disk, layout: &Layout) -> Result<Self, Error> {
        let path = layout.lock();
        let mut file = disk.open(&path)?;
        if !disk.try_lock(&file, &path)? {
            let holder = String::from_utf8_lossy(&disk.read(&mut file, &path)?).trim().to_owned();
            let holder = if holder.is_empty() { "it is just starting".to_owned() } else { holder };
            return Err(Error::Locked { path: layout.root().to_owned(), holder });
        }
        disk.truncate(&file, &path)?;
        disk.write(&mut file, &path, format!("process {} on {}\n", process::id(), host()).as_bytes())?;
        Ok(Self { _file: file })
    }
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "an unnamed host".to_owned() } else { name.to_owned() }
}
