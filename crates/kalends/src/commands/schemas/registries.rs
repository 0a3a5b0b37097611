//! The registries of the configured sinks, and what they say of the schemas.

use kalends_normalise::Plan;
use kalends_settings::{Settings, Sink};
use kalends_sink::{Finding, SchemaRegistry, SchemaRegistryError, Standing, Stream};
use serde_json::{Value, json};

use super::table::aligned;
use crate::{
    output::exit::{Exit, Failure},
    sink_streams,
};

/// A sink with a registry.
pub(super) struct Registered {
    sink: String,
    registry: Box<dyn SchemaRegistry>,
    streams: Vec<Stream>,
}

/// What one registry says of one schema.
pub(super) struct Row {
    sink: String,
    finding: Finding,
    /// One word.
    outcome: &'static str,
}

/// Every sink with a registry.
pub(super) fn of(settings: &Settings, plan: &Plan) -> Result<Vec<Registered>, Failure> {
    let registered = |(name, sink): (&String, &Sink)| {
        let registry = sink.own.schema_registry()?;
        Some(Registered { sink: name.clone(), registry, streams: sink_streams::of(sink, plan) })
    };
    let all: Vec<_> = settings.sinks.iter().filter_map(registered).collect();
    if all.is_empty() {
        let message = "no sink has a schema registry; add `schema_registry: { url: … }` to a Kafka sink, and name the file with -c";
        return Err(Failure::new(Exit::Configuration, message));
    }
    Ok(all)
}

impl Registered {
    /// What stands in the registry now.
    pub(super) fn inspect(&self) -> Result<Vec<Row>, Failure> {
        let findings = self.registry.inspect(&self.streams).map_err(|error| self.failed(&error))?;
        Ok(findings.into_iter().map(|finding| self.row(finding)).collect())
    }

    /// Registers what is not there. `before` is what stood there.
    pub(super) fn register(&self, before: &[Row]) -> Result<Vec<Row>, Failure> {
        let findings = self.registry.register(&self.streams).map_err(|error| self.failed(&error))?;
        let mut rows: Vec<_> = findings.into_iter().map(|finding| self.row(finding)).collect();
        for (row, before) in rows.iter_mut().zip(before) {
            if matches!(before.finding.standing, Standing::Registered { .. }) {
                row.outcome = "unchanged";
            }
        }
        Ok(rows)
    }

    fn row(&self, finding: Finding) -> Row {
        let outcome = match finding.standing {
            Standing::Registered { .. } => "registered",
            Standing::New => "new",
            Standing::Compatible => "compatible",
            Standing::Incompatible { .. } => "incompatible",
        };
        Row { sink: self.sink.clone(), finding, outcome }
    }

    fn failed(&self, error: &SchemaRegistryError) -> Failure {
        let exit = match error {
            SchemaRegistryError::Refused(_) => Exit::Data,
            SchemaRegistryError::Settings(_) => Exit::Configuration,
            SchemaRegistryError::Unavailable(_) => Exit::Unavailable,
        };
        Failure::new(exit, format!("sink {}: {error}", self.sink))
    }
}

impl Row {
    fn number(&self) -> Option<(u32, u32)> {
        match self.finding.standing {
            Standing::Registered { id, version } => Some((id, version)),
            _ => None,
        }
    }

    pub(super) fn json(&self) -> Value {
        let mut row = json!({
            "sink": self.sink,
            "topic": self.finding.topic,
            "subject": self.finding.subject,
            "outcome": self.outcome,
            "id": self.number().map(|(id, _)| id),
            "version": self.number().map(|(_, version)| version),
        });
        if let (Standing::Incompatible { messages }, Some(row)) =
            (&self.finding.standing, row.as_object_mut())
        {
            row.insert("messages".to_owned(), json!(messages));
        }
        row
    }
}

/// The rows as lines for people.
pub(super) fn lines(rows: &[Row]) -> impl Iterator<Item = String> {
    let head = ["SINK", "SUBJECT", "ID", "VERSION", "OUTCOME"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        let (id, version) =
            row.number().map(|(id, version)| (id.to_string(), version.to_string())).unwrap_or_default();
        [row.sink.clone(), row.finding.subject.clone(), id, version, row.outcome.to_owned()]
    });
    aligned(std::iter::once(head).chain(cells).collect())
}

/// That all schemas are taken.
///
/// # Errors
/// Those that are not, with the registry's reasons.
pub(super) fn all_taken(rows: &[Row]) -> Result<(), Failure> {
    let refused = rows.iter().filter_map(|row| {
        let why = row.finding.standing.refusal()?;
        Some(format!("sink {}: subject {} would not take the schema, {why}", row.sink, row.finding.subject))
    });
    let refused: Vec<_> = refused.collect();
    if refused.is_empty() { Ok(()) } else { Err(Failure::new(Exit::Data, refused.join("\n"))) }
}
