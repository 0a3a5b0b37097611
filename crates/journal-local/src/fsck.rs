//! Looks at, verifies and repairs a journal that is not open.

pub(crate) mod findings;
mod full_scan;
pub(crate) mod read_only;
mod rebuild;
pub(crate) mod repair;
mod resync;
pub(crate) mod verify;
