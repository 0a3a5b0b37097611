use std::{io, path::PathBuf};

use kalends_sink::{Failure, JournalId};

use crate::disk_op::DiskOp;

/// Reason why something could not be done on the destination's disk.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("can't {op} {}: {source}", path.display())]
    Io { op: DiskOp, path: PathBuf, source: io::Error },

    #[error("no random bytes from the system: {0}")]
    Random(#[from] getrandom::Error),

    #[error(
        "{} is in use by another process ({holder}): stop that one, or give this sink a directory of its own",
        path.display()
    )]
    Locked { path: PathBuf, holder: String },

    #[error(
        "{} can't be read ({problem}), so it is unknown what has been delivered: put back a good copy of the file, \
         or choose where to go on, with files of later positions moved away first: `kalends sinks seek NAME --to WHERE`",
        path.display()
    )]
    Manifest { path: PathBuf, problem: String },

    #[error(
        "{} is gone, though {} shows that files have been published: put the manifest back, \
         or choose where to go on, with files of later positions moved away first: `kalends sinks seek NAME --to WHERE`",
        path.display(), evidence.display()
    )]
    ManifestGone { path: PathBuf, evidence: PathBuf },

    #[error(
        "{} exists already and is never overwritten (positions delivered before, perhaps ahead of a seek): \
         move it away, and delivery goes on",
        path.display()
    )]
    Exists { path: PathBuf },

    #[error(
        "{} {found}: something deletes, puts back or takes over files under `.kalends` while kalends delivers there; \
         nothing was committed, and what came since the last commit is read again from the journal",
        path.display()
    )]
    Disturbed { path: PathBuf, found: &'static str },

    #[error("topic {topic:?} can't be a folder: {problem}; change the sink's `topics`")]
    Topic { topic: String, problem: &'static str },

    #[error(
        "a record names stream {stream}, but only {streams} were announced at connect: this is a bug in kalends"
    )]
    Stream { stream: usize, streams: usize },

    #[error("a checkpoint of journal {got} where {want} is connected: this is a bug in kalends")]
    Journal { want: JournalId, got: JournalId },

    #[error("a checkpoint of shard {got}, where there is shard {want} alone: this is a bug in kalends")]
    Shard { got: u32, want: u32 },

    #[error("the files sink is not connected")]
    NotConnected,
}

impl Error {
    /// Returns whether it is unknown what has been delivered.
    pub(crate) const fn is_about_the_manifest(&self) -> bool {
        matches!(self, Self::Manifest { .. } | Self::ManifestGone { .. })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Io { source, .. } if !needs_somebody(source.kind()) => Self::Retry { message },
            Error::Io { op, path, source } => {
                let advice = advice(source.kind());
                Self::Hold { message: format!("can't {op} {}: {source}; {advice}", path.display()) }
            }
            Error::Random(_) | Error::NotConnected | Error::Disturbed { .. } => Self::Retry { message },
            Error::Locked { .. }
            | Error::Manifest { .. }
            | Error::ManifestGone { .. }
            | Error::Exists { .. }
            | Error::Topic { .. }
            | Error::Stream { .. }
            | Error::Journal { .. }
            | Error::Shard { .. } => Self::Hold { message },
        }
    }
}

fn needs_somebody(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        kind,
        Kind::PermissionDenied
            | Kind::ReadOnlyFilesystem
            | Kind::NotADirectory
            | Kind::IsADirectory
            | Kind::AlreadyExists
            | Kind::CrossesDevices
            | Kind::InvalidFilename
    )
}

fn advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => "let kalends' user write there",
        io::ErrorKind::ReadOnlyFilesystem => "mount it writable (a disk error may have made it read-only)",
        io::ErrorKind::CrossesDevices => {
            "all topic folders must be on the file system of the sink's directory"
        }
        io::ErrorKind::InvalidFilename => "shorten the topic's or the directory's name",
        _ => "something else has that name: move it away, or change the sink's `directory`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: io::ErrorKind) -> Failure {
        Error::Io { op: DiskOp::Write, path: "/data/x.part".into(), source: kind.into() }.into()
    }

    #[test]
    fn what_may_pass_by_itself_is_a_retry_that_names_the_path() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::Other, io::ErrorKind::QuotaExceeded] {
            let failure = failure(kind);
            assert!(
                matches!(&failure, Failure::Retry { message } if message.contains("/data/x.part")),
                "{failure:?}"
            );
        }
    }

    #[test]
    fn what_somebody_must_mend_is_a_hold_that_names_the_path_and_the_way_out() {
        for kind in
            [io::ErrorKind::PermissionDenied, io::ErrorKind::NotADirectory, io::ErrorKind::CrossesDevices]
        {
            let failure = failure(kind);
            let Failure::Hold { message } = &failure else { panic!("{failure:?}") };
            assert!(message.contains("/data/x.part") && message.contains(advice(kind)), "{message}");
        }
    }
}
