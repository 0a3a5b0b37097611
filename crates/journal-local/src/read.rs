//! Reading of what is synced, while the writer works or without one.

pub(crate) mod cursor;
pub(crate) mod journal_reader;
pub(crate) mod reader;
pub(crate) mod segment_scanner;
