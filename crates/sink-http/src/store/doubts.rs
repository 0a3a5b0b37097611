//! The events that may stand twice at the destination: lines that are only added to, of which the newest are kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kalends_value::words;
use serde::{Deserialize, Serialize};

/// Size of the file, in bytes, at which it takes the place of the one before.
const LARGEST: u64 = 4 << 20;

/// An event that may stand twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doubt {
    /// The time at which that was found, in microseconds since the Unix epoch.
    pub(crate) at: i64,
    pub(crate) cause: Cause,
    /// The event's id at the destination.
    pub(crate) id: String,
    pub(crate) position: u64,
    /// The record type.
    pub(crate) record: String,
}

/// The cause why an event may stand twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The process died before the answer was noted.
    Died,
    /// No answer came, or one that does not say whether the event was taken.
    NoAnswer,
}

words!(Cause { "died" => Died, "no-answer" => NoAnswer });

impl From<Doubt> for kalends_sink::Doubt {
    fn from(doubt: Doubt) -> Self {
        let Doubt { at, cause, id, position, record } = doubt;
        let cause = match cause {
            Cause::Died => "died",
            Cause::NoAnswer => "no-answer",
        };
        Self { at, cause, id, position, record }
    }
}

/// The file. Without a path nothing is kept.
#[derive(Debug)]
pub(crate) struct DoubtFile(Option<PathBuf>);

impl DoubtFile {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self(path)
    }

    /// Adds lines. Durable when this returns.
    ///
    /// # Errors
    /// A file can't be written.
    pub(crate) fn add(&self, doubts: &[Doubt]) -> io::Result<()> {
        let Some(path) = self.0.as_ref().filter(|_| !doubts.is_empty()) else { return Ok(()) };
        if fs::metadata(path).is_ok_and(|file| file.len() >= LARGEST) {
            fs::rename(path, before(path))?;
        }
        let mut lines = Vec::new();
        for doubt in doubts {
            serde_json::to_writer(&mut lines, doubt)?;
            lines.push(b'\n');
        }
        kalends_note::append(path, &lines)
    }

    /// Reads all that is kept, the oldest first. A line that was cut by a power failure is left out.
    ///
    /// # Errors
    /// A file can't be read.
    pub(crate) fn read(&self) -> io::Result<Vec<Doubt>> {
        let Some(path) = &self.0 else { return Ok(Vec::new()) };
        let mut doubts = Vec::new();
        for file in [before(path), path.clone()] {
            let bytes = kalends_note::read(&file)?.unwrap_or_default();
            doubts.extend(
                bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()),
            );
        }
        Ok(doubts)
    }
}

fn before(path: &Path) -> PathBuf {
    let mut before = path.as_os_str().to_owned();
    before.push(".1");
    before.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_are_kept_in_their_order_and_the_oldest_file_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.doubts");
        let file = DoubtFile::new(Some(path.clone()));
        let doubt = |position| Doubt {
            at: 1,
            cause: Cause::Died,
            id: format!("j-0-{position}"),
            position,
            record: "Subscribe".into(),
        };
        file.add(&[doubt(1), doubt(2)]).unwrap();
        kalends_note::append(&path, b"{\"at\":1,\"ca").unwrap();
        kalends_note::append(&path, &vec![b'\n'; usize::try_from(LARGEST).unwrap()]).unwrap();
        file.add(&[doubt(3)]).unwrap();
        assert_eq!(file.read().unwrap(), [doubt(1), doubt(2), doubt(3)]);
        assert!(fs::metadata(&path).unwrap().len() < 1000);
    }
}
