use std::{
    io,
    path::{Path, PathBuf},
};

use kalends_journal::ReadError;

/// The journal can't be opened. Nothing was changed, but for leftovers of an earlier start that were removed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A setting makes no sense.
    #[error("journal settings: {0}")]
    Settings(String),
    /// Another process writes this journal.
    #[error("the journal in {} is in use by another process (it holds {}): stop that one, or use another directory", directory.display(), lock.display())]
    Locked {
        /// The journal's directory.
        directory: PathBuf,
        /// The lock file.
        lock: PathBuf,
    },
    /// There is a journal, but no identity file.
    #[error("the journal in {} has no identity file ({}): run `kalends journal repair`, which restores it from its copy, or put it back from a backup; to begin a new journal, move the directory away", directory.display(), file.display())]
    IdentityMissing {
        /// The journal's directory.
        directory: PathBuf,
        /// The file that is missing.
        file: PathBuf,
    },
    /// There is the identity of a journal, but no segment.
    #[error("the journal in {} has its identity file but no segment: its files were taken away; put them back from a backup, or move the directory away to begin a new journal", directory.display())]
    SegmentsMissing {
        /// The journal's directory.
        directory: PathBuf,
    },
    /// There is no journal here.
    #[error("there is no journal in {}", directory.display())]
    NoJournal {
        /// The directory that was looked at.
        directory: PathBuf,
    },
    /// There is no journal here, and the settings want one.
    #[error("there is no journal in {}, and `journal.require_existing` is set: mount its disk or put its directory back; for the first start of a new journal set it to false", directory.display())]
    NotExisting {
        /// The directory that was looked at.
        directory: PathBuf,
    },
    /// A file was written by a newer version of this program.
    #[error("{} has format version {version}, and this program knows only version {known}: it was written by a newer kalends", file.display())]
    Version {
        /// The file.
        file: PathBuf,
        /// The version it says it has.
        version: u32,
        /// The version known here.
        known: u32,
    },
    /// A segment of another journal lies in the directory.
    #[error("{} belongs to another journal ({found}, and this one is {expected}): move it away", file.display())]
    Foreign {
        /// The segment.
        file: PathBuf,
        /// The identity in the segment, as hex digits.
        found: String,
        /// The journal's identity, as hex digits.
        expected: String,
    },
    /// What had been synced can no longer be read.
    #[error("{} is damaged at byte {offset}: {what}; nothing was changed: put the file back from a backup, or run `kalends journal repair`", file.display())]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// Byte offset of the first thing that can't be read.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// The operating system refused.
    #[error("can't {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl OpenError {
    /// Wraps what the operating system said about `path`.
    pub(crate) fn io<'a>(action: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Self + 'a {
        move |source| match source.downcast::<NotSynced>() {
            Ok(NotSynced { directory, source }) => Self::Io { action: "fsync", path: directory, source },
            Err(source) => Self::Io { action, path: path.to_owned(), source },
        }
    }

    /// Damage in `file`.
    pub(crate) fn damaged(file: &Path, offset: u64, what: impl Into<String>) -> Self {
        Self::Damaged { file: file.to_owned(), offset, what: what.into() }
    }
}

/// A directory can't be synced, whatever was done in it before. Inside an [`io::Error`], which is about something else otherwise.
#[derive(Debug, thiserror::Error)]
#[error("can't fsync {}: {source}", directory.display())]
pub(crate) struct NotSynced {
    pub(crate) directory: PathBuf,
    pub(crate) source: io::Error,
}

/// Why frames of a segment can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SegmentError {
    /// The frame was removed by retention.
    #[error("position {position} is no longer kept: the journal begins at position {first_kept}")]
    Gone {
        /// The position that was asked for.
        position: u64,
        /// The smallest position that can be read.
        first_kept: u64,
    },
    /// What had been synced can no longer be read.
    #[error("{} is damaged at byte {offset}, behind position {position}: {what}; stop the daemon and run `kalends journal repair`", file.display())]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// Byte offset of the first thing that can't be read.
        offset: u64,
        /// The last position that could be read.
        position: u64,
        /// What is wrong there.
        what: String,
    },
    /// The operating system refused.
    #[error("can't read {}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl From<SegmentError> for ReadError {
    fn from(error: SegmentError) -> Self {
        match error {
            SegmentError::Gone { position, first_kept } => Self::Gone { position, first_kept },
            SegmentError::Damaged { .. } => Self::Damaged(Box::new(error)),
            SegmentError::Io { .. } => Self::Unavailable(Box::new(error)),
        }
    }
}
