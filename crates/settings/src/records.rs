use kalends_normalise::Plan;
use kalends_sink::RecordName;

use super::Sink;

/// The names of all record types, in the plan's order; without a sink all count as taken.
#[must_use]
pub fn record_names(plan: &Plan, sink: Option<&Sink>) -> Vec<RecordName> {
    let name = |(index, record): (usize, &kalends_normalise::RecordType)| RecordName {
        name: record.name.clone(),
        topic_suffix: record.topic_suffix.clone(),
        is_dead_letter: index == plan.dead_letter(),
        is_taken: sink.is_none_or(|sink| sink.takes(&record.name)),
    };
    plan.records().iter().enumerate().map(name).collect()
}
