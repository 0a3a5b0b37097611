use std::sync::Arc;

use kalends_journal::ShardLog;
use kalends_normalise::Plan;

use crate::{Clock, Metrics, Settings, SinkLocks};

/// What delivery stands on, whichever sinks it has.
#[derive(Clone)]
pub struct DeliveryContext {
    /// The journal that is delivered.
    pub log: Arc<dyn ShardLog>,
    /// What its receipts become.
    pub plan: Arc<Plan>,
    /// What else is asked of delivery.
    pub settings: Settings,
    /// Its time.
    pub clock: Clock,
    /// Where it counts.
    pub metrics: Metrics,
    /// One delivery at a time under each sink name, for as long as one delivery follows another.
    pub sink_locks: SinkLocks,
}
