//! What the process says, to people and to programs: standard output, standard error, logs and exit codes.

pub mod exit;
pub mod hints;
pub(crate) mod instant;
pub mod logging;
pub(crate) mod pasteable;
pub mod progress;
pub mod stderr;
pub mod stdout;
