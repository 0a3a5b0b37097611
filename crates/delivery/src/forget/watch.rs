use std::{fs, io, os::unix::fs::MetadataExt, sync::Arc};

use kalends_journal::{Note, SinkNotes};

use super::{ForgetList, ListError, Listed};

/// Name of the note that has the revision of the list which a sink uses.
const NOTE: &str = "forgotten";

/// The list of forgotten people as one sink's loop uses it: read again as soon as the file has changed.
#[derive(Debug)]
pub struct ForgetWatch {
    /// `None` where there can be no list.
    list: Option<ForgetList>,
    /// The note of the list's revision that is used; `None` where nobody wants to know.
    used: Option<Note>,
    seen: Option<Stamp>,
    listed: Arc<Listed>,
}

/// Marks of a file's content. The file is replaced as a whole, so that another content has other marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl ForgetWatch {
    /// A watch of this list, not looked at yet; `None` where there can be no list. Which list is used is noted among `notes`.
    #[must_use]
    pub fn new(list: Option<ForgetList>, notes: Option<&SinkNotes>) -> Self {
        Self { list, used: notes.map(|notes| notes.note(NOTE)), seen: None, listed: Arc::default() }
    }

    /// Notes which list is used. Nothing depends on it but whoever waits for it, so that an old note is no harm.
    pub(crate) fn note_used(&self) -> Result<(), ListError> {
        let Some(note) = &self.used else { return Ok(()) };
        note.replace_json(&self.listed.revision)
            .map_err(|source| ListError { path: note.place().into(), source })
    }

    /// The list as it was taken up last.
    #[must_use]
    pub fn listed(&self) -> &Arc<Listed> {
        &self.listed
    }

    /// The list as it is now, if it is another than the one that was taken up. One question to the file system where it is not.
    ///
    /// # Errors
    /// The list is there and can't be used; it is not taken for an empty one.
    pub fn news(&self) -> Result<Option<ForgetNews>, ListError> {
        let Some(list) = &self.list else { return Ok(None) };
        let stamp = stamp(list).map_err(|source| ListError { path: list.path(), source })?;
        if stamp == self.seen {
            return Ok(None);
        }
        // Replaced between the two, the file is looked at once more, and no content is missed.
        Ok(Some(ForgetNews { stamp, listed: list.read()? }))
    }

    /// Uses the list that was read.
    pub fn take_up(&mut self, ForgetNews { stamp, listed }: ForgetNews) {
        self.seen = stamp;
        self.listed = Arc::new(listed);
    }
}

/// A list other than the one that was taken up.
#[derive(Debug)]
pub struct ForgetNews {
    stamp: Option<Stamp>,
    listed: Listed,
}

/// The revision of the list that a sink has noted to use; 0 where none is noted.
///
/// # Errors
/// The note can't be read.
pub fn used_forget_list(notes: &SinkNotes) -> io::Result<u64> {
    Ok(notes.note(NOTE).read_json()?.unwrap_or(0))
}

fn stamp(list: &ForgetList) -> io::Result<Option<Stamp>> {
    match fs::metadata(list.path()) {
        Ok(file) => Ok(Some(Stamp {
            inode: file.ino(),
            length: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
