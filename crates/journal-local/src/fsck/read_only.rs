use std::{io, path::Path, sync::Arc};

use kalends_journal::{JournalId, ShardLog};

use crate::{
    error::OpenError,
    format::identity::{self, Identity, IdentityFile},
    fsck::findings::Tail,
    read::journal_reader::JournalReader,
    recovery::{
        identity_pair,
        scan::{self, Scan},
    },
    settings::Settings,
    shared::SharedState,
    storage::{Disk, Storage},
};

/// A running daemon may remove segments while they are being looked at.
const ATTEMPTS: usize = 5;

/// A journal as it lies on disk, opened without its lock: of a stopped daemon, or of one that runs.
#[derive(Debug)]
pub struct Inspection {
    log: Arc<dyn ShardLog>,
    tail: Option<Tail>,
}

impl Inspection {
    /// Reads the frames up to the last valid one. Never changes anything; to set the low watermark does nothing.
    #[must_use]
    pub fn log(&self) -> &dyn ShardLog {
        &*self.log
    }

    /// The same, to keep.
    #[must_use]
    pub fn shared_log(&self) -> Arc<dyn ShardLog> {
        Arc::clone(&self.log)
    }

    /// What stands behind the last valid frame, if anything does.
    /// On a journal that is being written this may be a group that is not yet complete.
    #[must_use]
    pub fn tail(&self) -> Option<&Tail> {
        self.tail.as_ref()
    }
}

/// Looks at the journal in `directory` without changing it and without its lock.
///
/// # Errors
/// Every [`OpenError`] but [`OpenError::Locked`] and [`OpenError::Settings`].
pub fn inspect(directory: &Path) -> Result<Inspection, OpenError> {
    inspect_on(Arc::new(Disk), directory)
}

/// The identity of the journal in `directory`, and nothing else of it; `None` where there is none that can be read.
#[must_use]
pub fn id_of(directory: &Path) -> Option<JournalId> {
    match identity::read(&Disk, &directory.join(identity::FILE)) {
        Ok(IdentityFile::Sound(identity)) => Some(JournalId::new(identity.id)),
        _ => None,
    }
}

pub(crate) fn inspect_on(storage: Arc<dyn Storage>, directory: &Path) -> Result<Inspection, OpenError> {
    let (mut attempt, mut seen) = (1, None);
    let (identity, scan) = loop {
        let may_try = attempt < ATTEMPTS;
        attempt += 1;
        match look(&*storage, directory) {
            Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound && may_try => {}
            // What is written meanwhile seems to stand behind a hole; a hole that is one stays.
            Ok((_, Scan { end, .. })) if end.proven && seen != Some(end.offset) && may_try => {
                seen = Some(end.offset);
            }
            looked => break looked?,
        }
    };
    let (end, segments) = (scan.end, scan.segments);
    let tail = segments.last().filter(|_| end.torn_to > end.offset).map(|last| Tail {
        file: last.path.clone(),
        offset: end.offset,
        bytes: end.torn_to - end.offset,
        synced: end.proven,
    });
    let settings = Settings::new(directory);
    let shared = SharedState::new(storage, &settings, identity, end.ends(), segments);
    Ok(Inspection { log: Arc::new(JournalReader::new(Arc::new(shared), None)), tail })
}

/// The identity and what lies in the directory.
pub(crate) fn look(storage: &dyn Storage, directory: &Path) -> Result<(Identity, Scan), OpenError> {
    let none = || OpenError::NoJournal { directory: directory.to_owned() };
    let firsts = match scan::first_positions(storage, directory) {
        Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Err(none()),
        firsts => firsts?,
    };
    let identity = identity_pair::found(storage, directory, &firsts)?.ok_or_else(none)?.identity;
    let scan = scan::scan(storage, directory, &identity, &firsts)?.ok_or_else(none)?;
    Ok((identity, scan))
}
