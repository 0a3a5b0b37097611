//! What to do when the operating system refuses something.

use std::io::{Error, ErrorKind};

use kalends_journal_local::OpenError;
pub use kalends_settings::hints::of_file;
use rustix::io::Errno;

/// What to do about an address that can't be listened on, after a semicolon; `key` is the one that names it.
#[must_use]
pub fn of_address(error: &Error, key: &str) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!("; another process has this port: stop that one, or choose another with {key}")
        }
        ErrorKind::AddrNotAvailable => {
            format!(
                "; no interface of this machine has this address: write 0.0.0.0 or one that it has as {key}"
            )
        }
        ErrorKind::PermissionDenied => {
            format!(
                "; ports below 1024 need a right (CAP_NET_BIND_SERVICE): give it, or choose another with {key}"
            )
        }
        _ if is_out_of_files(error) => "; raise the limit of open files (ulimit -n, LimitNOFILE=)".to_owned(),
        _ => String::new(),
    }
}

/// Whether the process or the machine has as many files open as it may.
#[must_use]
pub fn is_out_of_files(error: &Error) -> bool {
    let errno = error.raw_os_error();
    [Errno::MFILE, Errno::NFILE].iter().any(|full| errno == Some(full.raw_os_error()))
}

/// What to do about a journal that can't be opened, after a semicolon, where the error doesn't say so itself.
#[must_use]
pub fn of_journal(error: &OpenError) -> &'static str {
    match error {
        OpenError::NoJournal { .. } => {
            "; name the configuration that has it by -c; `kalends run` makes it at its first start"
        }
        OpenError::Version { .. } => "; run that version, or a newer one",
        OpenError::Io { source, .. } => of_file(source),
        _ => "",
    }
}
