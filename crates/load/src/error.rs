use std::{io, path::PathBuf};

/// Reason why a load can't be posted, or not further.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL can't be posted to.
    #[error("{0}")]
    Url(String),
    /// A file can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system gives no random number.
    #[error("the system gives no random number: {0}")]
    Random(getrandom::Error),
    /// A connection's task panicked: a bug.
    #[error("{0}")]
    Panicked(#[from] tokio::task::JoinError),
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File { path: path.into(), source }
    }
}
