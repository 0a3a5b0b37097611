use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use prometheus::Registry;

/// Counters that all sinks of a kind share. Clones share the numbers.
pub trait SinkMetrics: Clone + Default + Send + Sync + 'static {
    /// Registers every metric.
    ///
    /// # Errors
    /// Another metric has one of the names.
    fn register(&self, registry: &Registry) -> Result<(), prometheus::Error>;
}

/// The metrics of all kinds of sinks, each registered once per process.
#[derive(Default)]
pub struct SharedMetrics {
    registry: Registry,
    made: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

impl SharedMetrics {
    /// Metrics that are shown by `registry`.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self { registry, made: Mutex::default() }
    }

    /// The metrics of this type: made and registered at the first call, and the same at every other.
    ///
    /// # Errors
    /// Another metric has one of the names.
    pub fn of<M: SinkMetrics>(&self) -> Result<M, prometheus::Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = made.get(&TypeId::of::<M>()).and_then(|metrics| metrics.downcast_ref::<M>()) {
            return Ok(metrics.clone());
        }
        let metrics = M::default();
        metrics.register(&self.registry)?;
        made.insert(TypeId::of::<M>(), Box::new(metrics.clone()));
        Ok(metrics)
    }
}

impl fmt::Debug for SharedMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMetrics").finish_non_exhaustive()
    }
}
