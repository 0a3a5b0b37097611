use std::time::Duration;

use kalends_delivery::{SinkSettings, Start};
use kalends_settings::Sink;
use kalends_sink::{
    Checkpoint, Failure as SinkFailure, JournalId, Pacing, Record, Sink as Destination, Stream,
};
use kalends_sink_files::FileSink;
use kalends_sink_kafka::KafkaSink;

use crate::{
    daemon,
    output::exit::{Exit, Failure},
    sink_streams,
};

/// The destination of a sink, as a replay of this name delivers there: beside live delivery, never in its place.
pub(super) fn of(name: &str, sink: &Sink, id: &str) -> Result<Box<dyn Destination>, Failure> {
    match sink {
        Sink::Files(files) => {
            let settings = daemon::files_settings(files);
            let directory = settings.directory.join(format!("replay={id}"));
            Ok(Box::new(FileSink::new(kalends_sink_files::Settings { directory, ..settings })))
        }
        Sink::Kafka(kafka) => {
            let settings = kalends_sink_kafka::Settings {
                name: identity(name, id),
                replay: Some(id.to_owned()),
                started_at: daemon::now(),
                ..kafka.sink_settings(name)
            };
            let sink = KafkaSink::new(settings, kalends_sink_kafka::Metrics::default());
            Ok(Box::new(sink.map_err(|error| Failure::new(Exit::Configuration, error))?))
        }
    }
}

/// A destination that takes everything and keeps nothing.
pub(super) fn nowhere() -> Box<dyn Destination> {
    Box::new(Nowhere)
}

/// How the sink's records are chosen and what they may show: as live delivery does.
pub(super) fn settings(name: &str, sink: &Sink, id: &str, destination: Box<dyn Destination>) -> SinkSettings {
    SinkSettings {
        name: identity(name, id),
        sink: destination,
        required: true,
        start: Start::Earliest,
        selection: sink_streams::selection(sink),
        topics: sink_streams::topics(sink.topics()),
        strip_nul: sink.strip_nul(),
        privacy: sink.privacy().rules(),
    }
}

/// No sink of a configuration can have such a name.
fn identity(sink: &str, id: &str) -> String {
    format!("{sink}-replay-{id}")
}

struct Nowhere;

impl Destination for Nowhere {
    fn connect(&mut self, _: JournalId, _: &[Stream]) -> Result<Option<Checkpoint>, SinkFailure> {
        Ok(None)
    }

    fn write(&mut self, _: &[Record<'_>]) -> Result<(), SinkFailure> {
        Ok(())
    }

    fn commit(&mut self, _: Checkpoint) -> Result<(), SinkFailure> {
        Ok(())
    }

    fn pacing(&self) -> Pacing {
        Pacing { records: 10_000, bytes: 64 << 20, delay: Duration::from_secs(1) }
    }
}
