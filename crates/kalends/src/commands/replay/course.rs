use std::{path::PathBuf, sync::Arc};

use kalends_delivery::{Clock, ReplayFilter, Settings};
use kalends_journal::ShardLog;
use kalends_normalise::Plan;

/// Everything about a replay but its destination.
pub(super) struct ReplayRun {
    /// The journal's directory.
    pub(super) directory: PathBuf,
    /// The sink's name in the configuration.
    pub(super) sink: String,
    pub(super) id: String,
    pub(super) log: Arc<dyn ShardLog>,
    pub(super) plan: Arc<Plan>,
    pub(super) choice: ReplayFilter,
    /// Positions behind this one, through …
    pub(super) after: u64,
    /// … this one are looked at.
    pub(super) through: u64,
    pub(super) settings: Settings,
    pub(super) clock: Clock,
}
