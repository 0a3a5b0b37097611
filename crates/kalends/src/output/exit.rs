//! How a command ends: exit codes as in `sysexits.h`, and the message that goes with each.

use std::{fmt, path::Path, process::ExitCode};

use kalends_journal_local::OpenError;

use crate::output::hints;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 64: the command line can't be understood.
    Usage,
    /// 65: the given data is not what it should be.
    Data,
    /// 69: something that was called did not do its part.
    Unavailable,
    /// 70: a bug of kalends.
    Bug,
    /// 74: reading or writing failed.
    Disk,
    /// 78: the configuration is wrong.
    Configuration,
}

impl Exit {
    /// Every way to fail.
    pub const ALL: [Self; 6] =
        [Self::Usage, Self::Data, Self::Unavailable, Self::Bug, Self::Disk, Self::Configuration];

    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Usage => 64,
            Self::Data => 65,
            Self::Unavailable => 69,
            Self::Bug => 70,
            Self::Disk => 74,
            Self::Configuration => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// A command that did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What was wrong, where, and what to do; for standard error.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    #[must_use]
    pub fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string() }
    }

    /// A journal that could not be opened.
    #[must_use]
    pub fn journal(error: &OpenError) -> Self {
        Self::new(Exit::Disk, format!("{error}{}", hints::of_journal(error)))
    }

    /// A file that could not be read or written.
    #[must_use]
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::new(Exit::Disk, format!("{}: {error}{}", path.display(), hints::of_file(error)))
    }
}
