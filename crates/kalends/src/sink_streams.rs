//! What the topics of a sink carry.

use kalends_delivery::{Selection, Topics};
use kalends_normalise::Plan;
use kalends_settings::Sink;
use kalends_sink::Stream;

/// Every topic of a sink with the schema of its records, as the sink is told them when it connects.
#[must_use]
pub fn of(sink: &Sink, plan: &Plan) -> Vec<Stream> {
    kalends_delivery::streams(plan, &selection(sink), &topics(sink.topics()))
}

/// Which record types the sink gets.
#[must_use]
pub fn selection(sink: &Sink) -> Selection {
    match (sink.only(), sink.except()) {
        ([], []) => Selection::All,
        ([], except) => Selection::Except(except.to_vec()),
        (only, _) => Selection::Only(only.to_vec()),
    }
}

/// How the sink's topics are called.
#[must_use]
pub fn topics(topics: &kalends_settings::Topics) -> Topics {
    Topics { prefix: topics.prefix.clone(), names: topics.names.clone() }
}
