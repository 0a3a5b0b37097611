//! `kalends run`: the daemon until a signal.

use std::{num::NonZero, thread};

use tokio::runtime::{Builder, Runtime};

use crate::{
    app::{App, Error},
    settings::Settings,
    signals,
};

/// HTTP needs few threads; the journal, the scanner and the sinks have their own.
const MOST_WORKERS: usize = 4;

/// Runs the daemon until SIGTERM or SIGINT. `configuration` is what the log calls the configuration.
///
/// # Errors
/// [`Error`], when it can't start or has to end by itself.
pub fn run(settings: Settings, configuration: &str) -> Result<(), Error> {
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let stop = signals::stop().map_err(Error::Runtime)?;
        App::start(settings, configuration).await?.run(stop).await
    });
    runtime.shutdown_background();
    ended
}

/// A runtime for the listener.
///
/// # Errors
/// [`Error::Runtime`].
pub fn runtime() -> Result<Runtime, Error> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_WORKERS);
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().map_err(Error::Runtime)
}
