use std::{mem, path::Path};

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};

use crate::{
    Settings, disk::Disk, error::Error, layout::Layout, manifest::Manifest, session::Session,
    set_aside::Unusable,
};

const RECORDS_PER_COMMIT: usize = 1_000_000;

/// Delivers to a directory.
///
/// Holds the directory's lock from a successful connect until it fails, connects again or is dropped.
pub struct FileSink {
    settings: Settings,
    disk: Disk,
    session: Option<Session>,
    /// The next connect sets aside a manifest that can't be used.
    without_manifest: bool,
}

/// The checkpoint of `journal` in `directory`, read without its lock; `None` when the journal never delivered there.
///
/// # Errors
/// [`Failure::Hold`] when the manifest is damaged or gone, or can't be read.
pub fn committed(
    directory: &Path,
    journal: JournalId,
    streams: &[Stream],
) -> Result<Option<Checkpoint>, Failure> {
    let topics = streams.iter().map(|stream| &*stream.topic);
    let manifest = Manifest::load(&Disk::default(), &Layout::new(directory), topics)?;
    Ok(manifest.and_then(|manifest| manifest.checkpoint(journal)))
}

impl FileSink {
    /// A sink for this directory; touches nothing before it is connected.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, disk: Disk::default(), session: None, without_manifest: false }
    }

    #[cfg(test)]
    pub(crate) fn with_hook(settings: Settings, hook: crate::disk::Hook) -> Self {
        Self { settings, disk: Disk::with_hook(hook), session: None, without_manifest: false }
    }

    /// Runs `act`; the session ends with the first failure, because what a failed fsync left behind can't be trusted.
    fn during(&mut self, act: impl FnOnce(&mut Session) -> Result<(), Error>) -> Result<(), Failure> {
        let mut session = self.session.take().ok_or(Error::NotConnected)?;
        act(&mut session)?;
        self.session = Some(session);
        Ok(())
    }
}

impl Sink for FileSink {
    fn connect(&mut self, journal: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        // The lock that this sink itself holds would refuse it.
        self.session = None;
        let unusable =
            if mem::take(&mut self.without_manifest) { Unusable::SetAside } else { Unusable::Refuse };
        let session = Session::open(&self.disk, &self.settings, journal, streams, unusable)?;
        Ok(self.session.insert(session).checkpoint())
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        self.during(|session| records.iter().try_for_each(|record| session.write(record)))
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        self.during(|session| session.commit(checkpoint))
    }

    fn do_without_checkpoint(&mut self) {
        self.without_manifest = true;
    }

    fn pacing(&self) -> Pacing {
        let Settings { roll_every, roll_bytes, .. } = self.settings;
        Pacing { records: RECORDS_PER_COMMIT, bytes: roll_bytes, delay: roll_every }
    }
}
