//! Sinks that go back behind what this run has passed, where an operator wants them or where their destination was put back to:
//! delivery begins again for them.

use std::{sync::Arc, time::Duration};

use kalends_sink::Checkpoint;
use tokio::task::spawn_blocking;

use super::{Error, Running, sinks};

/// How often it is looked for a sink that waits for delivery to begin again.
pub(super) const GOING_BACK_POLL: Duration = Duration::from_secs(1);

/// The sinks for which delivery could not begin again, so that it is tried once for each.
#[derive(Default)]
pub(super) struct GoingBack {
    failed: Vec<(String, Checkpoint)>,
}

impl GoingBack {
    /// Begins delivery again if a sink waits for that. Webhooks are received in the meantime, and wait in the journal.
    pub(super) async fn carry_out(&mut self, running: &Running) {
        let supervisor = Arc::clone(&running.supervisor);
        let Ok(waiting) = spawn_blocking(move || supervisor.waiting_to_go_back()).await else { return };
        if waiting.is_empty() || waiting == self.failed {
            return;
        }
        let names: Vec<_> = waiting.iter().map(|(sink, _)| sink.as_str()).collect();
        tracing::info!(sinks = names.join(", "), "delivery begins again, so that these sinks can go back");
        self.failed.clear();
        if let Err(error) = Self::begin_again(running).await {
            tracing::error!(%error, "delivery goes on as it was, and the sinks wait for the next start");
            self.failed = waiting;
        }
    }

    async fn begin_again(running: &Running) -> Result<(), Error> {
        let sinks = sinks::build(&running.settings, running.supervisor.plan(), &running.sinks)?;
        let prepared = running.supervisor.prepare(sinks)?;
        let supervisor = Arc::clone(&running.supervisor);
        spawn_blocking(move || supervisor.replace(prepared, &[])).await.map_err(|_| Error::Panicked)
    }
}
