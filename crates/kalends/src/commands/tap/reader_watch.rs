use std::{
    io::{Stdout, stdout},
    thread,
    time::Duration,
};

use tokio::{
    io::{Interest, unix::AsyncFd},
    runtime::{Builder, Runtime},
    time::timeout,
};

use crate::output::stdout::Reader;

/// Waits, and notices meanwhile that the reader of standard output has left, though nothing is written.
pub(super) struct ReaderWatch(Option<(AsyncFd<Stdout>, Runtime)>);

impl ReaderWatch {
    /// A file has no reader that could leave, and is not watched.
    #[expect(
        deprecated,
        reason = "standard output stays open for as long as the process lives, which is all that is asked"
    )]
    pub(super) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        Self(runtime.ok().and_then(|runtime| {
            let guard = runtime.enter();
            let out = AsyncFd::with_interest(stdout(), Interest::ERROR).ok();
            drop(guard);
            Some((out?, runtime))
        }))
    }

    /// Waits for this long, or until the reader has left.
    pub(super) fn wait(&self, time: Duration) -> Reader {
        let Some((out, runtime)) = &self.0 else {
            thread::park_timeout(time);
            return Reader::Listening;
        };
        let left = runtime.block_on(async { timeout(time, out.ready(Interest::ERROR)).await });
        if left.is_ok() { Reader::Gone } else { Reader::Listening }
    }
}
