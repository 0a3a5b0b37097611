//! The signals that the daemon listens to.

use std::{
    env, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    SigId,
    consts::{SIGINT, SIGTERM, SIGXFSZ},
    flag, low_level,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::output::logging;

/// Signals to stop that come before the daemon can listen to them: as process 1 of a container, it would never hear of them.
#[derive(Default)]
pub(crate) struct EarlySignals {
    stop: Arc<AtomicBool>,
    handlers: Vec<SigId>,
}

impl EarlySignals {
    /// Notes SIGTERM and SIGINT from now on where the command line asks for the daemon, before anything else is done. A second
    /// signal ends the process at once.
    ///
    /// # Errors
    /// When the system takes no handler.
    pub(crate) fn note() -> io::Result<Self> {
        let mut early = Self::default();
        if env::args_os().nth(1).is_some_and(|word| word == "run") {
            for signal in [SIGTERM, SIGINT] {
                let stop = || Arc::clone(&early.stop);
                let handlers = [
                    flag::register_conditional_shutdown(signal, 0, stop())?,
                    flag::register(signal, stop())?,
                ];
                early.handlers.extend(handlers);
            }
            // A file at the process's limit is a full disk to whoever writes it, and no reason to die.
            flag::register(SIGXFSZ, Arc::default())?;
        }
        Ok(early)
    }

    /// Whether one has come. Later ones are not noted.
    fn end(self) -> bool {
        for handler in self.handlers {
            low_level::unregister(handler);
        }
        self.stop.load(Ordering::Relaxed)
    }
}

/// Listens for SIGTERM and SIGINT from now on. The future is ready at the first of them, or at once if one came early; a second
/// one ends the process at once, which loses nothing: what was acknowledged is in the journal.
///
/// # Errors
/// When the system takes no handler.
pub(crate) fn stop(early: EarlySignals) -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let came_early = early.end();
    let mut either = async move || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    Ok(async move {
        let signal = if came_early { "early signal" } else { either().await };
        tracing::info!(signal, "stopping");
        tokio::spawn(async move {
            let signal = either().await;
            tracing::warn!(signal, "ending at once");
            logging::flush();
            std::process::exit(0);
        });
    })
}

/// Listens for SIGHUP from now on, which asks for the configuration to be read again.
///
/// # Errors
/// When the system takes no handler.
pub(crate) fn reload() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}
