use std::io;

use rustix::io::Errno;

/// Why a write did not succeed.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// There is no room, or no file descriptor; what was written of it is gone again.
    Full,
    /// There is room as soon as frames are read that no required sink lacks.
    Unread,
    /// It is not known what the disk has.
    Broken(io::Error),
}

impl WriteError {
    /// Tells a full disk (or table of files) from a broken one.
    pub(crate) fn of(error: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let no_descriptor = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::Full,
            // No file could be made, so none is in doubt; there may be one later.
            _ if error.raw_os_error().is_some_and(|code| no_descriptor.contains(&code)) => Self::Full,
            _ => Self::Broken(error),
        }
    }
}

impl From<WriteError> for io::Error {
    fn from(fault: WriteError) -> Self {
        match fault {
            WriteError::Full | WriteError::Unread => io::ErrorKind::StorageFull.into(),
            WriteError::Broken(error) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_of_files_is_no_broken_disk() {
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            let fault = WriteError::of(io::Error::from_raw_os_error(errno.raw_os_error()));
            assert!(matches!(fault, WriteError::Full), "{errno:?}");
        }
        assert!(matches!(WriteError::of(Errno::IO.into()), WriteError::Broken(_)));
    }
}
