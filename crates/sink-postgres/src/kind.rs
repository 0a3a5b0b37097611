//! The kind `postgres`: what its settings are, and what is wrong with them.

mod check;
mod explain;
mod settings;
mod tls;

pub use settings::{Behind, PostgresSettings, Tables};
pub use tls::TlsSetting;

use kalends_sink::{
    BuildError, Claim, CommonKeys, Context, Explanation, Guarantee, JournalId, Record, RecordName, Report,
    Scope, Sink, SinkDefinition, SinkMetrics, Stream,
};
use kalends_value::{Misfit, Path, Secret};

use crate::{Metrics, PostgresSink, preflight, rebuild, statements};

/// What to do about two sinks with one table.
const SHARED_TABLE: &str =
    "choose another schema or tables.prefix, or let only and except divide the event types between them";

/// Tables of a PostgreSQL database.
#[derive(Debug, Clone, Copy)]
pub struct Postgres;

impl SinkDefinition for Postgres {
    type Settings = PostgresSettings;

    const NAME: &'static str = "postgres";
    const COMMON: CommonKeys = CommonKeys::ALL;
    const REPLAYS_IN_PLACE: bool = true;

    fn secrets(settings: &mut PostgresSettings) -> Vec<(Path, &mut Secret)> {
        let password = settings.password.iter_mut().map(|secret| (Path::keys(&["password"]), secret));
        let key = settings.tls.key().map(|secret| (Path::keys(&["tls", "key"]), secret));
        password.chain(key).collect()
    }

    fn check(settings: &mut PostgresSettings, scope: &Scope<'_>) -> Vec<Misfit> {
        check::check(settings, scope)
    }

    fn notes(settings: &PostgresSettings, scope: &Scope<'_>) -> Vec<String> {
        check::notes(settings, scope)
    }

    fn claims(settings: &PostgresSettings, scope: &Scope<'_>) -> Vec<Claim> {
        let Ok(connect) = settings.connect() else { return Vec::new() };
        let events = scope
            .records
            .unwrap_or_default()
            .iter()
            .filter(|record| record.is_taken && !record.is_dead_letter);
        let claim = |record| {
            let table = settings.table(record);
            Claim::Name {
                at: Path::keys(&["schema"]),
                name: format!("postgres {} {} {table}", connect.place(), settings.schema),
                shown: format!("table `{}.{table}` of this database", settings.schema),
                advice: SHARED_TABLE,
            }
        };
        events.map(claim).collect()
    }

    fn stream(settings: &PostgresSettings, record: &RecordName) -> String {
        settings.table(record)
    }

    fn guarantee(_: &PostgresSettings) -> Guarantee {
        Guarantee::ExactlyOnce
    }

    fn announcement(settings: &PostgresSettings) -> Option<String> {
        let place = settings.connect().ok()?.place();
        let seconds = settings.statement_timeout.as_secs();
        Some(format!("trying {place} (up to 10 s to connect, {seconds} s for an answer)"))
    }

    fn preflight(settings: &PostgresSettings, context: &Context<'_>, streams: &[Stream]) -> Report {
        match settings.in_context(context) {
            Ok(settings) => {
                let found = preflight(&settings, context.journal, streams);
                Report {
                    notes: found.notes,
                    wrong: found.wrong,
                    unavailable: found.unavailable,
                    checkpoint: found.checkpoint,
                    catches_up: settings.behind == Behind::CatchUp,
                    ..Report::default()
                }
            }
            Err(error) => Report { wrong: vec![error.to_string()], ..Report::default() },
        }
    }

    fn explain(
        sink: Option<(&str, &PostgresSettings)>,
        _: JournalId,
        stream: &Stream,
        record: &Record<'_>,
    ) -> Explanation {
        sink.map(|(_, settings)| explain::explain(settings, stream, record)).unwrap_or_default()
    }

    fn statements(
        settings: &PostgresSettings,
        context: &Context<'_>,
        streams: &[Stream],
        rebuild_state: bool,
    ) -> Option<Result<Vec<String>, BuildError>> {
        let made = settings.in_context(context).map_err(BuildError::new);
        Some(made.and_then(|settings| {
            if rebuild_state {
                let statement = rebuild(&settings, streams).map_err(BuildError::new)?;
                return Ok(statement.into_iter().collect());
            }
            statements(&settings, streams).map_err(BuildError::new)
        }))
    }

    fn build(settings: &PostgresSettings, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError> {
        let metrics = context.metrics.of::<Metrics>().map_err(BuildError::new)?;
        let settings = settings.in_context(context).map_err(BuildError::new)?;
        Ok(Box::new(PostgresSink::new(settings, &metrics).map_err(BuildError::new)?))
    }
}

impl SinkMetrics for Metrics {
    fn register(&self, registry: &prometheus::Registry) -> Result<(), prometheus::Error> {
        Self::register(self, registry)
    }
}
