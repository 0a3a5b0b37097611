//! Keeps what an unusable manifest leaves, where an operator has said where to go on.

use std::{ffi::OsStr, path::Path};

use crate::{
    disk::Disk,
    error::Error,
    layout::{self, Layout},
};

/// Treatment of a manifest that is damaged or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Hold: it is unknown what has been delivered.
    Refuse,
    /// An operator knows where to go on: set it aside.
    SetAside,
}

/// Renames the manifest and every part, since nobody can say which parts were committed. Dying in here is harmless: the
/// same command is carried out again.
pub(crate) fn run(disk: &Disk, layout: &Layout, number: u64, error: &Error) -> Result<(), Error> {
    let hidden = layout.hidden();
    let mut kept = 0_usize;
    for name in disk.list_if_there(&hidden)? {
        let from = hidden.join(&name);
        if from == layout.manifest() || layout::is_part(Path::new(&name)) {
            disk.rename(&from, &hidden.join(aside(&name, number)))?;
            kept += 1;
        }
    }
    disk.sync_directory(&hidden)?;
    tracing::warn!(
        directory = %layout.root().display(), kept, %error,
        "went on without the manifest, as ordered; what lay under .kalends was set aside there"
    );
    Ok(())
}

fn aside(name: &OsStr, number: u64) -> String {
    format!("{}.set-aside-{number:016x}", name.to_string_lossy())
}
