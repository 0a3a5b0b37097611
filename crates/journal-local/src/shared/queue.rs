use bytes::Bytes;
use kalends_journal::AppendError;
use std::time::Instant;
use tokio::sync::oneshot;

/// What is asked of the writer.
#[derive(Debug)]
pub(crate) enum Command {
    /// Store this.
    Append(Append),
    /// Look at the watermark and at whether to close.
    Check,
}

/// One payload that waits.
#[derive(Debug)]
pub(crate) struct Append {
    /// Microseconds since the Unix epoch.
    pub(crate) wall_time: i64,
    /// When that was so by the steady clock.
    pub(crate) at: Instant,
    /// The bytes to store.
    pub(crate) payload: Bytes,
    /// Where the position goes.
    pub(crate) reply: Reply,
}

/// Where the outcome of one append goes.
pub(crate) type Reply = oneshot::Sender<Result<u64, AppendError>>;

/// Answers; whoever has gone away in the meantime must be ready for a duplicate.
pub(crate) fn answer(reply: Reply, outcome: Result<u64, AppendError>) {
    if reply.send(outcome).is_err() {
        tracing::debug!("nobody waits for an append's outcome any more");
    }
}
