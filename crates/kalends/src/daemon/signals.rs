//! The signals that the daemon listens to.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for SIGTERM and SIGINT from now on. The future is ready at the first of them; a second one ends the process
/// at once, which loses nothing: what was acknowledged is in the journal.
///
/// # Errors
/// When the system takes no handler.
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut either = async move || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    Ok(async move {
        let signal = either().await;
        tracing::info!(signal, "stopping");
        tokio::spawn(async move {
            let signal = either().await;
            tracing::warn!(signal, "ending at once");
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
