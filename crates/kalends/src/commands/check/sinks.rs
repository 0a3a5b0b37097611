use jiff::Timestamp;
use kalends_settings::{Kafka, Settings, Sink, schema_catalogue::Catalogue};
use kalends_sink_kafka::{Context, preflight};

use super::{disk, registry, report::Report};
use crate::sink_streams;

/// What is about to be tried, where an answer may take its time.
pub(super) fn announcement(name: &str, sink: &Sink) -> Option<String> {
    let Sink::Kafka(kafka) = sink else { return None };
    let settings = kafka.sink_settings(name);
    let registry =
        settings.registry.map_or_else(String::new, |registry| format!(", {}", registry.urls.join(", ")));
    let seconds = settings.request_timeout.as_secs();
    Some(format!("sink {name}: trying {}{registry} (up to {seconds} s for an answer)", kafka.brokers))
}

/// Tries one sink's destination.
pub(super) fn sink(settings: &Settings, name: &str, sink: &Sink) -> Report {
    match sink {
        Sink::Files(files) => disk::files(&files.directory),
        Sink::Kafka(kafka) => cluster(settings, name, sink, kafka),
    }
}

fn cluster(settings: &Settings, name: &str, sink: &Sink, kafka: &Kafka) -> Report {
    let mut report = Report::default();
    let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into());
    let plan = match schemas {
        Ok(schemas) => schemas.plan,
        Err(faults) => {
            report.wrong.push(faults.to_string());
            return report;
        }
    };
    let streams = sink_streams::of(sink, &plan);
    let context =
        Context { max_body: settings.listen.max_body.bytes(), now: Timestamp::now().as_microsecond() };
    let found = preflight(&kafka.sink_settings(name), &streams, context);
    report.notes = found.notes;
    for problem in found.problems {
        let list = if problem.unreachable { &mut report.unavailable } else { &mut report.wrong };
        list.push(problem.message);
    }
    if let Some(settings) = &kafka.schema_registry {
        registry::try_out(&settings.sink_settings(), &streams, &mut report);
    }
    report
}
