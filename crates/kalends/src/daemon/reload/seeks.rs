//! Seeks that go back behind what this run has passed: delivery begins again for them.

use std::{sync::Arc, time::Duration};

use kalends_sink::Checkpoint;
use tokio::task::spawn_blocking;

use super::{Error, Running, sinks};

/// How often it is looked for a seek that waits for delivery to begin again.
pub(super) const SEEK_POLL: Duration = Duration::from_secs(1);

/// The seeks for which delivery has begun again last, so that it does so once for each.
#[derive(Default)]
pub(super) struct Seeks {
    tried: Vec<(String, Checkpoint)>,
}

impl Seeks {
    /// Begins delivery again if a seek waits for that. Webhooks are received in the meantime, and wait in the journal.
    pub(super) async fn carry_out(&mut self, running: &Running) {
        let supervisor = Arc::clone(&running.supervisor);
        let Ok(waiting) = spawn_blocking(move || supervisor.deferred_seeks()).await else { return };
        if waiting.is_empty() || waiting == self.tried {
            return;
        }
        let names: Vec<_> = waiting.iter().map(|(sink, _)| sink.as_str()).collect();
        tracing::info!(
            sinks = names.join(", "),
            "delivery begins again, to go back where an operator wants it"
        );
        if let Err(error) = Self::begin_again(running).await {
            tracing::error!(%error, "delivery goes on as it was, and the seek waits for the next start");
        }
        self.tried = waiting;
    }

    async fn begin_again(running: &Running) -> Result<(), Error> {
        let sinks = sinks::build(&running.settings, running.supervisor.plan(), &running.sinks)?;
        let prepared = running.supervisor.prepare(sinks)?;
        let supervisor = Arc::clone(&running.supervisor);
        spawn_blocking(move || supervisor.replace(prepared, &[])).await.map_err(|_| Error::Panicked)
    }
}
