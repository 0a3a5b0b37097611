//! From the journal to events: each synced receipt is read, decoded and judged once.

pub(crate) mod dead_letter_log;
pub(crate) mod decoder;
pub(crate) mod recent_stats;
pub(crate) mod replay_filter;
pub(crate) mod scan_state;
pub(crate) mod scanner;
pub(crate) mod tail_cache;
