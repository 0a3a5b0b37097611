//! Which events are duplicates. Knows no other module.

pub(crate) mod dedup_window;
pub(crate) mod duplicates;
pub(crate) mod window_rebuild;
