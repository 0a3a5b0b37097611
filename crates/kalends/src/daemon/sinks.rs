use std::path::Path;

use kalends_delivery::{SinkSettings, Start};
use kalends_settings::{Codec, Files, Kafka, Settings, Sink};
use kalends_sink_files::FileSink;
use kalends_sink_kafka::KafkaSink;
use prometheus::Registry;

use super::Error;
use crate::sink_streams;

/// What sinks of each kind count together.
#[derive(Clone)]
pub(crate) struct Metrics {
    kafka: kalends_sink_kafka::Metrics,
}

impl Metrics {
    pub(crate) fn register(registry: &Registry) -> Result<Self, Error> {
        let kafka = kalends_sink_kafka::Metrics::default();
        kafka.register(registry)?;
        Ok(Self { kafka })
    }
}

/// Makes every configured sink; none reaches for its destination yet.
pub(crate) fn build(settings: &Settings, metrics: &Metrics) -> Result<Vec<SinkSettings>, Error> {
    let sink = |(name, sink): (&String, &Sink)| {
        Ok(SinkSettings {
            name: name.clone(),
            sink: match sink {
                Sink::Files(files) => Box::new(FileSink::new(files_settings(files))),
                Sink::Kafka(sink) => {
                    let directory = &settings.journal.directory;
                    Box::new(kafka_sink(name, sink, directory, metrics.kafka.clone())?)
                }
            },
            required: sink.required(),
            start: start(sink.start()),
            selection: sink_streams::selection(sink),
            topics: sink_streams::topics(sink.topics()),
            strip_nul: sink.strip_nul(),
            privacy: sink.privacy().rules(),
        })
    };
    settings.sinks.iter().map(sink).collect()
}

/// A files sink's settings as the sink wants them.
pub(crate) fn files_settings(files: &Files) -> kalends_sink_files::Settings {
    kalends_sink_files::Settings {
        directory: files.directory.clone(),
        roll_every: files.roll_every,
        roll_bytes: files.roll_size.bytes(),
        codec: match files.codec {
            Codec::None => kalends_sink_files::Codec::Null,
            Codec::Deflate => kalends_sink_files::Codec::Deflate,
        },
    }
}

fn kafka_sink(
    name: &str,
    kafka: &Kafka,
    journal: &Path,
    metrics: kalends_sink_kafka::Metrics,
) -> Result<KafkaSink, Error> {
    let mut settings = kalends_sink_kafka::Settings { started_at: super::now(), ..kafka.sink_settings(name) };
    if let Some(registry) = &mut settings.registry {
        registry.known_ids = Some(journal.join("sinks").join(format!("{name}.schema-ids")));
    }
    KafkaSink::new(settings, metrics).map_err(|source| Error::Kafka { sink: name.to_owned(), source })
}

pub(crate) const fn start(start: kalends_settings::Start) -> Start {
    match start {
        kalends_settings::Start::Earliest => Start::Earliest,
        kalends_settings::Start::Latest => Start::Latest,
        kalends_settings::Start::At(time) => Start::Time(time),
    }
}
