use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kalends_delivery::{
    Delivery, DeliveryContext, Settings, SinkSettings, SinkState, StartError, Status, Stopped,
};

/// Delivery, which can be ended and begun again with other sinks while webhooks are being received.
pub(crate) struct Supply {
    basis: DeliveryContext,
    running: Mutex<Option<Delivery>>,
}

impl Supply {
    /// Begins delivery to `sinks`.
    pub(crate) fn start(basis: DeliveryContext, sinks: Vec<SinkSettings>) -> Result<Self, StartError> {
        let supply = Self { basis, running: Mutex::new(None) };
        supply.begin(sinks, None)?;
        Ok(supply)
    }

    /// Ends delivery at once, and begins it with `sinks`. The duplicate window is rebuilt from the journal, which keeps what
    /// no sink has passed; the names in `gone` are no longer shown in metrics.
    ///
    /// # Errors
    /// [`StartError`]; nothing is delivered then until the next start.
    pub(crate) fn replace(&self, sinks: Vec<SinkSettings>, gone: &[String]) -> Result<(), StartError> {
        let stopped = self.take().map(Delivery::stop_at_once);
        for sink in stopped.iter().flat_map(|stopped| &stopped.sinks) {
            if sink.state != SinkState::Stopped {
                tracing::warn!(
                    sink = sink.name,
                    "still busy with the old configuration: the new one takes effect for this sink when that has ended"
                );
            }
        }
        for sink in gone {
            self.basis.metrics.forget(sink);
        }
        self.begin(sinks, stopped.map(|stopped| stopped.scanned_position))
    }

    /// Delivery at this moment; `None` when it was stopped.
    pub(crate) fn status(&self) -> Option<Status> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Delivery::status)
    }

    /// Ends delivery; `None` if that was done before.
    pub(crate) fn stop(&self, patience: Duration) -> Option<Stopped> {
        self.take().map(|delivery| delivery.stop(patience))
    }

    fn take(&self) -> Option<Delivery> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn begin(&self, sinks: Vec<SinkSettings>, counted_after: Option<u64>) -> Result<(), StartError> {
        let settings = Settings { counted_after, ..self.basis.settings.clone() };
        let delivery = Delivery::start(DeliveryContext { settings, ..self.basis.clone() }, sinks)?;
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(delivery);
        Ok(())
    }
}
