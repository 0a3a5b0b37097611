use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    JournalReader, OpenError, Settings, identities,
    identity::{self, Held, Identity},
    ledger::Ledger,
    storage::{Disk, Storage},
    survey::{self, Survey},
};

/// A running daemon may remove segments while they are being looked at.
const ATTEMPTS: usize = 5;

/// A journal as it lies on disk, opened without its lock: of a stopped daemon, or of one that runs.
#[derive(Debug)]
pub struct Inspection {
    log: JournalReader,
    tail: Option<Tail>,
}

impl Inspection {
    /// Reads the frames up to the last valid one. Never changes anything; [`JournalReader::release`] does nothing.
    #[must_use]
    pub fn log(&self) -> &JournalReader {
        &self.log
    }

    /// What stands behind the last valid frame, if anything does.
    /// On a journal that is being written this may be a group that is not yet complete.
    #[must_use]
    pub fn tail(&self) -> Option<&Tail> {
        self.tail.as_ref()
    }
}

/// Bytes behind the last valid frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The file they stand in.
    pub file: PathBuf,
    /// Where they begin.
    pub offset: u64,
    /// How many they are.
    pub bytes: u64,
    /// Whether a later header proves that they had been synced: then this is damage, and no tail that a crash tore.
    pub synced: bool,
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
pub fn id_of(directory: &Path) -> Option<[u8; 16]> {
    match identity::read(&Disk, &directory.join(identity::FILE)) {
        Ok(Held::Sound(identity)) => Some(identity.id),
        _ => None,
    }
}

pub(crate) fn inspect_on(storage: Arc<dyn Storage>, directory: &Path) -> Result<Inspection, OpenError> {
    let (mut attempt, mut seen) = (1, None);
    let (identity, survey) = loop {
        let may_try = attempt < ATTEMPTS;
        attempt += 1;
        match look(&*storage, directory) {
            Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound && may_try => {}
            // What is written meanwhile seems to stand behind a hole; a hole that is one stays.
            Ok((_, Survey { end, .. })) if end.proven && seen != Some(end.offset) && may_try => {
                seen = Some(end.offset);
            }
            looked => break looked?,
        }
    };
    let (end, segments) = (survey.end, survey.segments);
    let tail = segments.last().filter(|_| end.torn_to > end.offset).map(|last| Tail {
        file: last.path.clone(),
        offset: end.offset,
        bytes: end.torn_to - end.offset,
        synced: end.proven,
    });
    let settings = Settings::new(directory);
    let ledger = Ledger::new(storage, &settings, identity, end.last, segments);
    Ok(Inspection { log: JournalReader::new(Arc::new(ledger), None), tail })
}

fn look(storage: &dyn Storage, directory: &Path) -> Result<(Identity, Survey), OpenError> {
    let none = || OpenError::NoJournal { directory: directory.to_owned() };
    let firsts = match survey::first_positions(storage, directory) {
        Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Err(none()),
        firsts => firsts?,
    };
    let identity = identities::found(storage, directory, &firsts)?.ok_or_else(none)?.identity;
    let survey = survey::survey(storage, directory, &identity, &firsts)?.ok_or_else(none)?;
    Ok((identity, survey))
}
