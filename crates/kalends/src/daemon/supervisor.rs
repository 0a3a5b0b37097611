use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kalends_delivery::{
    Delivery, DeliveryContext, PreparedDelivery, Settings, SinkSettings, SinkState, StartError, Status,
    Stopped,
};
use kalends_journal::ShardLog;
use kalends_normalise::Plan;
use kalends_sink::Checkpoint;

/// Delivery, which can be ended and begun again with other sinks while webhooks are being received.
pub(crate) struct Supervisor {
    context: DeliveryContext,
    phase: Mutex<Phase>,
    /// Held by whoever replaces or stops delivery, so that nothing begins behind the last stop.
    change: Mutex<()>,
}

/// What delivery is doing.
enum Phase {
    Running(Delivery),
    /// Between two deliveries.
    Changing,
    /// For good: the daemon ends.
    Stopped,
}

impl Supervisor {
    /// Begins delivery to `sinks`.
    ///
    /// # Errors
    /// [`StartError`] when a thread can't be made or a sink's rules can't be followed.
    pub(crate) fn start(context: DeliveryContext, sinks: Vec<SinkSettings>) -> Result<Self, StartError> {
        let delivery = Delivery::start(context.clone(), sinks)?;
        Ok(Self { context, phase: Mutex::new(Phase::Running(delivery)), change: Mutex::default() })
    }

    /// The shard that is delivered.
    pub(crate) fn log(&self) -> Arc<dyn ShardLog> {
        Arc::clone(&self.context.log)
    }

    /// The record types that are delivered.
    pub(crate) fn plan(&self) -> &Plan {
        &self.context.plan
    }

    /// Makes everything of a delivery to `sinks` that can fail. The delivery that runs is not touched.
    ///
    /// # Errors
    /// [`StartError`] when a thread can't be made or a sink's rules can't be followed.
    pub(crate) fn prepare(&self, sinks: Vec<SinkSettings>) -> Result<PreparedDelivery, StartError> {
        PreparedDelivery::new(&self.context, sinks)
    }

    /// Ends delivery at once, and begins the one that was prepared. The duplicate window is rebuilt from the journal, which
    /// keeps what no sink has passed; the names in `gone` are no longer shown in metrics.
    pub(crate) fn replace(&self, prepared: PreparedDelivery, gone: &[String]) {
        let _change = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(running) = self.take(Phase::Changing) else { return };
        let stopped = running.stop_at_once();
        for sink in &stopped.sinks {
            if sink.state != SinkState::Stopped {
                tracing::warn!(
                    sink = sink.name,
                    "still busy with the old configuration: the new one takes effect for this sink when that has ended"
                );
            }
        }
        for sink in gone {
            self.context.metrics.forget(sink);
        }
        let counted_after = Some(stopped.scanned_position);
        let settings = Settings { counted_after, ..self.context.settings.clone() };
        let delivery = prepared.start(DeliveryContext { settings, ..self.context.clone() });
        *self.phase() = Phase::Running(delivery);
    }

    /// Delivery at this moment; `None` when none runs.
    pub(crate) fn status(&self) -> Option<Status> {
        match &*self.phase() {
            Phase::Running(delivery) => Some(delivery.status()),
            Phase::Changing | Phase::Stopped => None,
        }
    }

    /// The sinks that go back once delivery begins again, each with its checkpoint there.
    pub(crate) fn waiting_to_go_back(&self) -> Vec<(String, Checkpoint)> {
        match &*self.phase() {
            Phase::Running(delivery) => delivery.waiting_to_go_back(),
            Phase::Changing | Phase::Stopped => Vec::new(),
        }
    }

    /// Ends delivery for good; `None` if that was done before.
    pub(crate) fn stop(&self, timeout: Duration) -> Option<Stopped> {
        let _change = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        self.take(Phase::Stopped).map(|delivery| delivery.stop(timeout))
    }

    /// The delivery that runs, if one does; then `next` follows it. What was stopped stays stopped.
    fn take(&self, next: Phase) -> Option<Delivery> {
        let mut phase = self.phase();
        match mem::replace(&mut *phase, next) {
            Phase::Running(delivery) => Some(delivery),
            other => {
                *phase = other;
                None
            }
        }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
