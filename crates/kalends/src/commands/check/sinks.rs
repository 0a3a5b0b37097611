use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use jiff::Timestamp;
use kalends_settings::{Files, Kafka, Settings, Sink, schema_catalogue::Catalogue};
use kalends_sink::{Checkpoint, Failure, JournalId, Stream};
use kalends_sink_kafka::{Context, preflight};
use serde_json::Value;

use super::{
    disk, registry,
    report::Report,
    start::{self, Start},
};
use crate::sink_streams;

/// Dead letters of several sinks may share a topic.
const DEAD_LETTER: &str = "DeadLetter";

/// What is about to be tried, where an answer may take its time.
pub(super) fn announcement(name: &str, sink: &Sink) -> Option<String> {
    let Sink::Kafka(kafka) = sink else { return None };
    let settings = kafka.sink_settings(name);
    let registry =
        settings.registry.map_or_else(String::new, |registry| format!(", {}", registry.urls.join(", ")));
    let seconds = settings.request_timeout.as_secs();
    Some(format!("sink {name}: trying {}{registry} (up to {seconds} s for an answer)", kafka.brokers))
}

/// What is known of the sinks that were tried before, and of the daemon that runs.
pub(super) struct Tried {
    /// The configuration's file, for commands in messages.
    configuration: Option<PathBuf>,
    /// What a running daemon says of itself.
    status: Option<Value>,
    /// The topics with events of each Kafka sink, by the identity of its cluster.
    topics: BTreeMap<String, Vec<(String, BTreeSet<String>)>>,
}

impl Tried {
    pub(super) const fn new(status: Option<Value>, configuration: Option<PathBuf>) -> Self {
        Self { configuration, status, topics: BTreeMap::new() }
    }

    /// Tries one sink's destination, and compares what it says with what is noted and with the journal.
    pub(super) fn sink(&mut self, settings: &Settings, name: &str, sink: &Sink) -> Report {
        let start = Start::new(settings, name, sink, self.configuration.as_deref());
        let mut report = Report::default();
        match Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into()) {
            Err(faults) => report.wrong.push(faults.to_string()),
            Ok(schemas) => {
                let streams = sink_streams::of(sink, &schemas.plan);
                let committed = match sink {
                    Sink::Files(files) => directory(files, start.journal, &streams, &mut report),
                    Sink::Kafka(kafka) => {
                        self.cluster(settings, (name, kafka), &start, &streams, &mut report)
                    }
                };
                if report.is_ready() {
                    start.compare(&streams, committed, &mut report);
                }
            }
        }
        if report.is_ready() {
            report.wrong.extend(self.status.as_ref().and_then(|status| start::hold(status, name)));
        }
        report
    }

    fn cluster(
        &mut self,
        settings: &Settings,
        (name, kafka): (&str, &Kafka),
        start: &Start<'_>,
        streams: &[Stream],
        report: &mut Report,
    ) -> Option<Checkpoint> {
        let (max_body, now) = (settings.listen.max_body.bytes(), Timestamp::now().as_microsecond());
        let context = Context { max_body, now, journal: start.journal };
        let found = preflight(&kafka.sink_settings(name), streams, context);
        report.notes = found.notes;
        for problem in found.problems {
            let list = if problem.unreachable { &mut report.unavailable } else { &mut report.wrong };
            list.push(problem.message);
        }
        if let Some(id) = found.cluster_id {
            report.wrong.extend(self.shared_topic(id, name, streams));
        }
        if let Some(settings) = &kafka.schema_registry {
            registry::try_out(&settings.sink_settings(), streams, report);
        }
        found.checkpoint
    }

    /// What it means that another sink has a topic of this one, on the same cluster under whatever name.
    fn shared_topic(&mut self, cluster: String, name: &str, streams: &[Stream]) -> Option<String> {
        let events = streams.iter().filter(|stream| stream.schema.name != DEAD_LETTER);
        let topics: BTreeSet<String> = events.map(|stream| stream.topic.to_string()).collect();
        let others = self.topics.entry(cluster).or_default();
        let shared =
            others.iter().find_map(|(other, theirs)| Some((other, theirs.intersection(&topics).next()?)));
        let message = shared.map(|(other, topic)| {
            format!(
                "sink `{other}` writes to `{topic}` of the same cluster under other names of its brokers, where each event would \
                 stand twice; choose another topics.prefix, or let only and except divide the event types between them"
            )
        });
        others.push((name.to_owned(), topics));
        message
    }
}

fn directory(
    files: &Files,
    journal: Option<JournalId>,
    streams: &[Stream],
    report: &mut Report,
) -> Option<Checkpoint> {
    *report = disk::files(&files.directory);
    let committed = journal.map(|journal| kalends_sink_files::committed(&files.directory, journal, streams));
    match committed.transpose() {
        Ok(committed) => committed.flatten(),
        Err(failure @ Failure::Retry { .. }) => {
            report.unavailable.push(failure.to_string());
            None
        }
        Err(failure) => {
            report.wrong.push(failure.to_string());
            None
        }
    }
}
