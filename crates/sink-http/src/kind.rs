//! The kind `http`: what its settings are, and what is wrong with them.

mod address;
mod check;
mod limit;
mod mapped;
mod preset_name;
mod rate;
mod settings;
mod tokens;

pub(crate) use address::{place, with_path};
pub use limit::After;
pub use mapped::Mapped;
pub use preset_name::PresetName;
pub use rate::Rate;
pub use settings::{HttpSettings, NoIdentity};
pub use tokens::Tokens;

use std::io;

use kalends_sink::{
    BuildError, Claim, CommonKey, CommonKeys, Context, Explanation, Guarantee, JournalId, Record, RecordName,
    Report, Scope, Sink, SinkDefinition, SinkMetrics, Stream,
};
use kalends_value::{Misfit, Path, Secret, Start, Text};

use crate::{
    HttpSink, Metrics, explain, preflight, preset,
    sink::Files,
    store::{DeadLetterFile, DoubtFile, Memory, PositionNote},
};

/// Note of the events that may stand twice.
const DOUBTS: &str = "doubts";

/// Requests to an HTTP API.
#[derive(Debug, Clone, Copy)]
pub struct Http;

impl SinkDefinition for Http {
    type Settings = HttpSettings;

    const NAME: &'static str = "http";
    // A new CRM must not fire a week of welcome mails.
    const COMMON: CommonKeys = CommonKeys { taken: CommonKey::ALL, start: Start::Latest, required: true };

    fn secrets(settings: &mut HttpSettings) -> Vec<(Path, &mut Secret)> {
        let mut secrets = Vec::new();
        if let Text::Secret(url) = &mut settings.url {
            secrets.push((Path::keys(&["url"]), url));
        }
        if let Some(tokens) = &mut settings.token {
            secrets.extend(tokens.with_paths(&Path::keys(&["token"])));
        }
        secrets.extend(settings.tls.key.iter_mut().map(|key| (Path::keys(&["tls", "key"]), key)));
        secrets
    }

    fn check(settings: &mut HttpSettings, scope: &Scope<'_>) -> Vec<Misfit> {
        check::check(settings, scope)
    }

    fn claims(_: &HttpSettings, _: &Scope<'_>) -> Vec<Claim> {
        // Two sinks may well speak to one API, with different events or another map.
        Vec::new()
    }

    fn stream(settings: &HttpSettings, record: &RecordName) -> String {
        let preset = preset::named(settings.preset.as_str());
        let named = settings.events.get(&record.name).cloned();
        named.or_else(|| Some(preset?.event_name(&record.name))).unwrap_or_else(|| record.name.clone())
    }

    fn guarantee(_: &HttpSettings) -> Guarantee {
        Guarantee::AtLeastOnce
    }

    fn announcement(settings: &HttpSettings) -> Option<String> {
        Some(format!("trying {} (up to {} s)", place(settings.url.expose()), settings.timeout.as_secs()))
    }

    fn preflight(settings: &HttpSettings, context: &Context<'_>, _: &[Stream]) -> Report {
        preflight::preflight(settings, context)
    }

    fn explain(
        sink: Option<(&str, &HttpSettings)>,
        _: JournalId,
        stream: &Stream,
        record: &Record<'_>,
    ) -> Explanation {
        sink.map_or_else(Explanation::default, |(_, settings)| explain::explain(settings, stream, record))
    }

    fn doubts(_: &HttpSettings, context: &Context<'_>) -> Option<io::Result<Vec<kalends_sink::Doubt>>> {
        let noted = DoubtFile::new(context.note(DOUBTS)).read();
        Some(noted.map(|doubts| doubts.into_iter().map(Into::into).collect()))
    }

    fn build(settings: &HttpSettings, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError> {
        let metrics = context.metrics.of::<Metrics>().map_err(BuildError::new)?;
        let preset = preset::named(settings.preset.as_str())
            .ok_or_else(|| BuildError::new(format!("no preset is called {}", settings.preset.as_str())))?;
        let files = Files {
            note: PositionNote::new(context.own_note("http.json")),
            doubts: DoubtFile::new(context.own_note(DOUBTS)),
            letters: DeadLetterFile::new(context.note("dead-letter-files")),
            memory: Memory::new(context.note("identities.redb"), context.altered),
        };
        let numbers = metrics.of(&context.identity());
        Ok(Box::new(HttpSink::new(settings.clone(), preset, files, numbers, context.replay.is_some())))
    }
}

impl SinkMetrics for Metrics {
    fn register(&self, registry: &prometheus::Registry) -> Result<(), prometheus::Error> {
        Self::register(self, registry)
    }
}
