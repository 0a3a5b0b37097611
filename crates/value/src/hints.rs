//! Advice for when the operating system refuses a file.

use std::io::{Error, ErrorKind};

/// Advice about a file or a directory that can't be used, after a semicolon; nothing where there is nothing to say.
#[must_use]
pub fn of_file(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "; check the path",
        ErrorKind::PermissionDenied => "; run as its owner, or give this user the right (chown, chmod)",
        ErrorKind::IsADirectory => "; that is a directory, so name a file in it",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "; a file stands where a directory should, so move it away or write another path"
        }
        ErrorKind::ReadOnlyFilesystem => "; mount its file system for writing, or write another path",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "; make room",
        _ => "",
    }
}
