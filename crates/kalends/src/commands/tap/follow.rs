use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use kalends_delivery::SeekTarget;
use kalends_journal::{Frame, ReadError, ShardLog};
use kalends_journal_local::inspect;
use kalends_settings::Settings;

use super::{
    reader_watch::ReaderWatch,
    window::{begin, window_begin},
};
use crate::output::{
    exit::{Exit, Failure},
    stderr::say,
    stdout::Reader,
};

/// The shortest and the longest wait between two looks at the journal's files.
const WAITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// The journal's receipts, for as long as there come any.
pub(super) struct Follow {
    directory: PathBuf,
    log: Arc<dyn ShardLog>,
    /// The last position that was read.
    at: u64,
    /// The position behind which events are shown.
    shown_after: u64,
    seen: Stamp,
    /// How long the last look took.
    took: Duration,
    watch: ReaderWatch,
}

/// By which a change of the journal's files is told: the newest one's name, length and time.
type Stamp = Option<(SystemTime, u64, PathBuf)>;

impl Follow {
    /// Begins at a place of the journal; the duplicate window before it is read too.
    pub(super) fn new(settings: &Settings, from: Option<SeekTarget>) -> Result<Self, Failure> {
        let directory = settings.journal.directory.clone();
        let seen = stamp(&directory).map_err(|error| Failure::file(&directory, &error))?;
        let begun = Instant::now();
        let log = inspect(&directory).map_err(|error| Failure::journal(&error))?.shared_log();
        let shown_after = begin(&*log, from)?;
        let at = window_begin(&*log, shown_after, settings.deduplicate.window)
            .map_err(|error| Failure::new(Exit::Disk, error))?;
        Ok(Self { directory, log, at, shown_after, seen, took: begun.elapsed(), watch: ReaderWatch::new() })
    }

    pub(super) fn log(&self) -> &dyn ShardLog {
        &*self.log
    }

    /// Hands out each receipt, and whether it is to be shown or only to be remembered, until nobody reads any more.
    pub(super) fn run(
        &mut self,
        mut see: impl FnMut(&Frame<'_>, bool) -> Result<Reader, Failure>,
    ) -> Result<(), Failure> {
        loop {
            let mut frames = self.log.read_after(self.at);
            loop {
                match frames.next() {
                    Ok(Some(frame)) => {
                        self.at = frame.position;
                        if see(&frame, frame.position > self.shown_after)? == Reader::Gone {
                            return Ok(());
                        }
                    }
                    Ok(None) => break,
                    Err(ReadError::Gone { .. }) => {
                        self.look()?;
                        self.skip();
                        break;
                    }
                    Err(error) => return Err(Failure::new(Exit::Disk, error)),
                }
            }
            if self.wait()? == Reader::Gone {
                return Ok(());
            }
        }
    }

    /// Goes on with what is kept. Retention waits for nobody who only looks.
    fn skip(&mut self) {
        let first = self.log.first_kept();
        if self.at + 1 < first {
            say(format!(
                "positions {} to {} were removed before they could be shown",
                self.at + 1,
                first - 1
            ));
            self.at = first - 1;
        }
    }

    /// Waits until the journal's files have changed and looks at them again, or the reader has left.
    fn wait(&mut self) -> Result<Reader, Failure> {
        // A look reads the newest file as a whole; most of the time is spent waiting.
        let pause = (self.took * 10).clamp(WAITS.0, WAITS.1);
        loop {
            if self.watch.wait(pause) == Reader::Gone {
                return Ok(Reader::Gone);
            }
            let now = stamp(&self.directory).map_err(|error| Failure::file(&self.directory, &error))?;
            if now != self.seen {
                self.seen = now;
                self.look()?;
                return Ok(Reader::Listening);
            }
        }
    }

    fn look(&mut self) -> Result<(), Failure> {
        let begun = Instant::now();
        let log = inspect(&self.directory).map_err(|error| Failure::journal(&error))?.shared_log();
        if log.id() != self.log.id() {
            return Err(Failure::new(
                Exit::Disk,
                "the journal has another identity than before; begin again",
            ));
        }
        self.log = log;
        self.took = begun.elapsed();
        Ok(())
    }
}

fn stamp(directory: &Path) -> io::Result<Stamp> {
    let mut newest: Stamp = None;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // One that was removed meanwhile is not the newest.
        let Ok(file) = entry.metadata() else { continue };
        if file.is_file() {
            newest = newest.max(Some((file.modified()?, file.len(), entry.path())));
        }
    }
    Ok(newest)
}
