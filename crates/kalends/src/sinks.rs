//! The kinds of sinks that this program has: one line a kind.

use std::sync::OnceLock;

use kalends_sink::SinkKinds;

/// The list.
pub const KINDS: SinkKinds = &[
    &kalends_sink_files::Files,
    &kalends_sink_kafka::Kafka,
    &kalends_sink_postgres::Postgres,
    &kalends_sink_http::Http,
];

static IN_USE: OnceLock<SinkKinds> = OnceLock::new();

/// The kinds of this process: the list, unless a program with others has said so.
#[must_use]
pub fn kinds() -> SinkKinds {
    IN_USE.get().copied().unwrap_or(KINDS)
}

/// Has this process know these kinds. Only the first call has an effect.
pub(crate) fn use_kinds(kinds: SinkKinds) {
    IN_USE.set(kinds).ok();
}
