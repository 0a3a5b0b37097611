use std::io;

/// Why a write did not succeed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// There is no room; what was written of it is gone again.
    Full,
    /// It is not known what the disk has.
    Broken(io::Error),
}

impl Fault {
    /// Tells a full disk from a broken one.
    pub(crate) fn of(error: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::Full,
            _ => Self::Broken(error),
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full => io::ErrorKind::StorageFull.into(),
            Fault::Broken(error) => error,
        }
    }
}
