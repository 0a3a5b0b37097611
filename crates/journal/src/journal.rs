use std::{fmt, sync::Arc};

use crate::{Appender, ShardLog, StateStore};

/// An open journal of any kind: what it has for ingress, and what this process owns of it for delivery.
pub trait Journal: fmt::Debug + Send + Sync {
    /// The handle that stores payloads.
    fn appender(&self) -> Appender;

    /// The shards that this process owns now; delivery runs once for each. Another process owns none of them, as far as the
    /// journal knows: a former owner that does not know yet is fenced at each destination.
    fn owned(&self) -> Vec<Arc<dyn ShardLog>>;

    /// The store of notes beside the journal.
    fn state(&self) -> Arc<dyn StateStore>;
}

/// The least size in bytes that a journal may be limited to when payloads have up to `payload` bytes.
#[must_use]
pub const fn min_max_bytes(payload: u64) -> u64 {
    payload.saturating_add(1024).saturating_mul(8)
}
