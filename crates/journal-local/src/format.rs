//! What stands on disk, byte for byte; `docs/develop/journal-format.md` draws it.

pub(crate) mod block_marker;
pub(crate) mod bytes;
pub(crate) mod frame;
pub(crate) mod gap;
pub(crate) mod group;
pub(crate) mod identity;
pub(crate) mod reached_time;
pub(crate) mod segment_header;
pub(crate) mod segment_name;
