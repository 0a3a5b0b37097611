//! The kind `kafka`: what its settings are, and what is wrong with them.

mod check;
mod check_registry;
mod preflight;
mod registry;
mod settings;

pub use registry::RegistrySettings;
pub use settings::KafkaSettings;

use std::collections::BTreeSet;

use kalends_sink::{
    BuildError, Claim, CommonKeys, Context, Explanation, Finding, Guarantee, JournalId, Record, RecordName,
    Report, SchemaRegistry, SchemaRegistryError, Scope, Sink, SinkDefinition, SinkMetrics, Stream,
};
use kalends_value::{Misfit, Path, Secret, Text};

use crate::{Delivery, KafkaSink, Metrics, headers, registry as client};

/// The header that names the sink.
const NAME_OF_SINK: &str = "__connect.errors.connector.name";

/// Advice about two sinks with one topic.
const SHARED_TOPIC: &str =
    "choose another topics.prefix, or let only and except divide the event types between them";

/// Topics of a Kafka cluster.
#[derive(Debug, Clone, Copy)]
pub struct Kafka;

impl SinkDefinition for Kafka {
    type Settings = KafkaSettings;

    const NAME: &'static str = "kafka";
    const COMMON: CommonKeys = CommonKeys::ALL;

    fn secrets(settings: &mut KafkaSettings) -> Vec<(Path, &mut Secret)> {
        let at = Path::keys(&["schema_registry"]);
        let registry = settings.schema_registry.iter_mut().flat_map(|registry| registry.secrets());
        let registry = registry.map(|(path, secret)| (at.join(&path), secret));
        let properties = settings.properties.iter_mut().filter_map(|(property, value)| match value {
            Text::Secret(secret) => Some((Path::keys(&["properties", property]), secret)),
            Text::Plain(_) => None,
        });
        registry.chain(properties).collect()
    }

    fn check(settings: &mut KafkaSettings, scope: &Scope<'_>) -> Vec<Misfit> {
        check::check(settings, scope)
    }

    fn claims(settings: &KafkaSettings, scope: &Scope<'_>) -> Vec<Claim> {
        let brokers: BTreeSet<&str> = settings.brokers.split(',').map(str::trim).collect();
        let brokers = brokers.into_iter().collect::<Vec<_>>().join(",");
        let records = scope.records.unwrap_or_default();
        let events = records.iter().filter(|record| record.is_taken && !record.is_dead_letter);
        let claim = |record| {
            let topic = settings.topics.topic(record);
            Claim::Name {
                at: Path::keys(&["topics"]),
                name: format!("kafka {brokers} {topic}"),
                shown: format!("`{topic}` of these brokers"),
                advice: SHARED_TOPIC,
            }
        };
        events.map(claim).collect()
    }

    fn stream(settings: &KafkaSettings, record: &RecordName) -> String {
        settings.topics.topic(record)
    }

    fn guarantee(settings: &KafkaSettings) -> Guarantee {
        match settings.delivery {
            Delivery::ExactlyOnce => Guarantee::ExactlyOnce,
            Delivery::AtLeastOnce => Guarantee::AtLeastOnce,
        }
    }

    fn announcement(settings: &KafkaSettings) -> Option<String> {
        let sink = settings.for_sink("");
        let registry =
            sink.registry.map_or_else(String::new, |registry| format!(", {}", registry.urls.join(", ")));
        let seconds = sink.request_timeout.as_secs();
        Some(format!("trying {}{registry} (up to {seconds} s for an answer)", settings.brokers))
    }

    fn preflight(settings: &KafkaSettings, context: &Context<'_>, streams: &[Stream]) -> Report {
        preflight::preflight(settings, context, streams)
    }

    fn explain(
        sink: Option<(&str, &KafkaSettings)>,
        journal: JournalId,
        stream: &Stream,
        record: &Record<'_>,
    ) -> Explanation {
        let name = sink.map(|(name, _)| name).unwrap_or_default();
        let headers = headers(name, journal, &stream.schema, record).into_iter();
        let told = headers.filter(|(name, _)| sink.is_some() || *name != NAME_OF_SINK);
        let headers = told.map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
        Explanation { headers, written: Vec::new() }
    }

    fn schema_registry(settings: &KafkaSettings) -> Option<Box<dyn SchemaRegistry>> {
        let registry = settings.schema_registry.as_ref()?;
        Some(Box::new(Registry(registry.for_client())))
    }

    fn build(settings: &KafkaSettings, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError> {
        let metrics = context.metrics.of::<Metrics>().map_err(BuildError::new)?;
        let sink = KafkaSink::new(settings.in_context(context), metrics);
        Ok(Box::new(sink.map_err(BuildError::new)?))
    }
}

impl SinkMetrics for Metrics {
    fn register(&self, registry: &prometheus::Registry) -> Result<(), prometheus::Error> {
        Self::register(self, registry)
    }
}

struct Registry(client::Settings);

impl SchemaRegistry for Registry {
    fn inspect(&self, streams: &[Stream]) -> Result<Vec<Finding>, SchemaRegistryError> {
        client::inspect(&self.0, streams).map_err(SchemaRegistryError::from)
    }

    fn register(&self, streams: &[Stream]) -> Result<Vec<Finding>, SchemaRegistryError> {
        client::register(&self.0, streams).map_err(SchemaRegistryError::from)
    }
}

impl From<client::Error> for SchemaRegistryError {
    fn from(error: client::Error) -> Self {
        let message = error.to_string();
        match error {
            client::Error::Incompatible { .. } => Self::Refused(message),
            client::Error::Settings(_) => Self::Settings(message),
            _ => Self::Unavailable(message),
        }
    }
}
