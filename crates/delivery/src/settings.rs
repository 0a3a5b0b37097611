use std::{path::PathBuf, sync::Arc, time::Duration};

use kalends_journal::{ShardId, SinkNotes, StateStore};
use kalends_sink::Sink;
use kalends_trace::Tracer;

use crate::{
    checkpoint::seek::Start,
    encode::routes::{Selection, Topics},
    forget::ForgetList,
    privacy,
};

/// What delivery needs besides the journal and the plan.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long an event is remembered, by journal time: the same event again within it is a duplicate. Default 7 days.
    pub window: Duration,
    /// Where delivery notes which sinks have had a checkpoint, and what was a dead letter, and where operators leave commands.
    /// `None` notes nothing.
    pub state: Option<Arc<dyn StateStore>>,
    /// The list of forgotten people; `None` where nobody can be forgotten.
    pub forget_list: Option<ForgetList>,
    /// Receipts behind this position are counted in metrics. `None`: those behind the journal's end at the start, which is
    /// right but for a second start in one process, whose metrics go on.
    pub counted_after: Option<u64>,
    /// The configuration's file, which commands in messages name; `None` for the built-in configuration.
    pub configuration: Option<PathBuf>,
    /// Where the spans of deliveries go.
    pub tracer: Tracer,
}

/// The records that a sink gets, and the parts of them that it sees.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    /// The record types that the sink gets.
    pub selection: Selection,
    /// The names of the sink's topics.
    pub topics: Topics,
    /// True where U+0000 is taken out of texts.
    pub strip_nul: bool,
    /// Rules for the personal data that the sink may see.
    pub privacy: privacy::Rules,
}

impl Settings {
    /// The notes of a sink for a shard, where there are any.
    pub(crate) fn notes(&self, sink: &str, shard: ShardId) -> Option<SinkNotes> {
        self.state.clone().map(|state| SinkNotes::new(state, sink, shard))
    }
}

/// One sink and how it is fed.
pub struct SinkSettings {
    /// Its name in the configuration, which is its identity.
    pub name: String,
    /// The destination.
    pub sink: Box<dyn Sink>,
    /// Whether the journal waits for it. A sink that is not required loses its oldest undelivered events (counted)
    /// when the journal is full.
    pub required: bool,
    /// Where it starts in a journal that it has never seen.
    pub start: Start,
    /// The record types that the sink gets.
    pub selection: Selection,
    /// The names of the sink's topics.
    pub topics: Topics,
    /// True where U+0000 is taken out of texts.
    pub strip_nul: bool,
    /// Rules for the personal data that the sink may see.
    pub privacy: privacy::Rules,
}
