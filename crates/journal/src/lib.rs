//! A durable, append-only log of opaque bytes with positions that only grow.
