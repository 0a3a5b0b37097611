//! Gives a journal that was put back, copied or cut another identity, so that no position is ever given twice under one name.

use std::path::Path;

use kalends_journal::JournalId;

use crate::{
    error::OpenError,
    format::identity::{self, Identity, MAX_FORMER},
    fsck::read_only::look,
    recovery::{self, directory_lock},
    storage::{Disk, Storage},
};

/// The result of an adoption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adoption {
    /// The identity that the journal had.
    pub former_id: JournalId,
    /// The last position that is known by it.
    pub last_position: u64,
    /// The identity that it has now.
    pub id: JournalId,
}

/// Gives the journal in `directory` a new identity: frames through `last_position`, or through the journal's end where that comes first,
/// stay known by the old one, and all others are known by the new one.
///
/// Recovers the journal as a start does. A process that dies in here has done all of it or nothing.
///
/// # Errors
/// Every [`OpenError`] of a start; [`OpenError::Settings`] when the journal was adopted too often.
pub fn adopt(directory: &Path, last_position: u64) -> Result<Adoption, OpenError> {
    adopt_on(&Disk, directory, last_position)
}

pub(crate) fn adopt_on(
    storage: &dyn Storage,
    directory: &Path,
    last_position: u64,
) -> Result<Adoption, OpenError> {
    // Where there is no journal, none is begun and no lock is left behind.
    drop(look(storage, directory)?);
    let _lock = directory_lock::lock(storage, directory)?;
    let recovered = recovery::recover(storage, directory)?;
    let former = recovered.identity;
    let last_position = last_position.min(recovered.ends.synced.position);
    let Identity { id, .. } = Identity::random(storage, directory)?;
    let renamed = former.renamed(id, last_position).ok_or_else(|| {
        OpenError::Settings(format!("it was adopted {MAX_FORMER} times, and can't be adopted again"))
    })?;
    // The first file decides; a copy that still names the old identity is made anew by the next start.
    renamed.store(storage, directory, identity::FILE)?;
    renamed.store(storage, directory, identity::COPY)?;
    Ok(Adoption { former_id: JournalId::new(former.id), last_position, id: JournalId::new(id) })
}
