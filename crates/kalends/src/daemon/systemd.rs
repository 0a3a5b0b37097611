//! What a service manager is told, by the protocol of `sd_notify(3)`. Without one, nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::task::JoinHandle;

/// Tells the manager how the daemon is.
pub(crate) fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager does not learn how this daemon is");
    }
}

/// Says that the configuration is being read again.
pub(crate) fn tell_reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager does not learn of a reload"),
    }
}

/// Gives the watchdog its signs of life, where one is set, for as long as the runtime has any.
pub(crate) fn feed_watchdog() -> JoinHandle<()> {
    let every = sd_notify::watchdog_enabled().map(|limit| limit / 2);
    tokio::spawn(async move {
        let Some(every) = every.filter(|every| *every > Duration::ZERO) else { return };
        loop {
            tell(&[NotifyState::Watchdog]);
            tokio::time::sleep(every).await;
        }
    })
}
