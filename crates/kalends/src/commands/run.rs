//! `kalends run`: the daemon until a signal.

use std::{num::NonZero, thread};

use tokio::runtime::{Builder, Runtime};

use crate::{
    cli::RunArgs,
    daemon::{
        App, Error, IfTaken, Reloads,
        signals::{self, EarlySignals},
    },
    output::{exit::Failure, logging},
};

/// HTTP needs few threads; the journal, the scanner and the sinks have their own. With more of them than there is work
/// they wake each other for nothing.
const MOST_WORKERS: usize = 4;

/// Runs the daemon until SIGTERM or SIGINT; at SIGHUP the configuration is read again.
///
/// # Errors
/// Everything that is wrong with the configuration; [`Error`], when the daemon can't start or has to end by itself.
pub(crate) fn run(args: &RunArgs, early: EarlySignals) -> Result<(), Failure> {
    let settings = args.settings()?;
    logging::start(settings.log);
    logging::exit_on_panic();
    let (configuration, file) = (args.configuration.name(), args.configuration.config.clone());
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let stop = signals::stop(early).map_err(Error::Runtime)?;
        let signal = signals::reload().map_err(Error::Runtime)?;
        let args = args.clone();
        let reloads = Reloads { signal, read: Box::new(move || args.settings()) };
        App::start(settings, &configuration, file, IfTaken::Wait).await?.run(stop, Some(reloads)).await
    });
    runtime.shutdown_background();
    Ok(ended?)
}

/// A runtime for the listener.
///
/// # Errors
/// [`Error::Runtime`].
pub fn runtime() -> Result<Runtime, Error> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = (cores / 2).clamp(1, MOST_WORKERS);
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().map_err(Error::Runtime)
}
