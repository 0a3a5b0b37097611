//! What delivery is told of a configured sink.

use kalends_delivery::{Feed, Selection, SinkSettings, Start, Topics};
use kalends_normalise::Plan;
use kalends_settings::{Sink, record_names};
use kalends_sink::Stream;

/// Every stream of a sink with the schema of its records, as the sink is told them when it connects.
#[must_use]
pub fn of(sink: &Sink, plan: &Plan) -> Vec<Stream> {
    kalends_delivery::streams(plan, &selection(sink), &topics(sink, plan))
}

/// How delivery feeds a sink, which is `destination` there and has this name.
#[must_use]
pub fn delivery(
    name: String,
    sink: &Sink,
    plan: &Plan,
    destination: Box<dyn kalends_sink::Sink>,
) -> SinkSettings {
    SinkSettings {
        name,
        sink: destination,
        required: sink.common.required,
        start: start(sink.common.start),
        selection: selection(sink),
        topics: topics(sink, plan),
        strip_nul: sink.common.strip_nul,
        privacy: sink.common.privacy.rules(),
    }
}

/// Which records delivery gives a sink, and what the sink sees of them.
pub(crate) fn feed(sink: &Sink, plan: &Plan) -> Feed {
    Feed {
        selection: selection(sink),
        topics: topics(sink, plan),
        strip_nul: sink.common.strip_nul,
        privacy: sink.common.privacy.rules(),
    }
}

/// Where a sink starts in a journal that it has never seen.
pub(crate) const fn start(start: kalends_settings::Start) -> Start {
    match start {
        kalends_settings::Start::Earliest => Start::Earliest,
        kalends_settings::Start::Latest => Start::Latest,
        kalends_settings::Start::At(time) => Start::Time(time),
    }
}

/// Which record types the sink gets.
fn selection(sink: &Sink) -> Selection {
    match (sink.common.only.as_slice(), sink.common.except.as_slice()) {
        ([], []) => Selection::All,
        ([], except) => Selection::Except(except.to_vec()),
        (only, _) => Selection::Only(only.to_vec()),
    }
}

/// How the sink's streams are called: the kind says so of each record type.
fn topics(sink: &Sink, plan: &Plan) -> Topics {
    let records = record_names(plan, Some(sink)).into_iter();
    let names = records.map(|record| (record.name.clone(), sink.own.stream(&record))).collect();
    Topics { prefix: String::new(), names }
}
