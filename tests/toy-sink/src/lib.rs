//! The kind `toy`: one JSON file that has the records and the checkpoint, replaced as a whole at each commit.

mod sink;

pub use sink::ToySink;

use std::path::PathBuf;

use kalends_sink::{
    BuildError, Claim, CommonKey, CommonKeys, Context, Explanation, Guarantee, JournalId, Record, RecordName,
    Report, Scope, Sink, SinkDefinition, Stream,
};
use kalends_value::{Misfit, Path, Secret, Start};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Records in one JSON file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ToySettings {
    /// The file.
    pub file: PathBuf,
    /// A secret that the file begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Secret>,
    /// Most records of one commit.
    #[serde(default = "batch")]
    pub batch: u16,
    /// The record type that is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
}

fn batch() -> u16 {
    100
}

/// The kind `toy`.
#[derive(Debug, Clone, Copy)]
pub struct Toy;

impl SinkDefinition for Toy {
    type Settings = ToySettings;

    const NAME: &'static str = "toy";
    const COMMON: CommonKeys = CommonKeys {
        taken: &[CommonKey::Start, CommonKey::Required, CommonKey::Only],
        start: Start::Earliest,
        required: false,
    };

    fn secrets(settings: &mut ToySettings) -> Vec<(Path, &mut Secret)> {
        settings.seal.iter_mut().map(|seal| (Path::keys(&["seal"]), seal)).collect()
    }

    fn check(settings: &mut ToySettings, scope: &Scope<'_>) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        if settings.batch == 0 {
            misfits.push((Path::keys(&["batch"]), "nothing could be committed; write at least 1".to_owned()));
        }
        if let Some(refuse) = &mut settings.refuse {
            match scope.spelling(refuse) {
                Ok(known) => *refuse = known,
                Err(message) => misfits.push((Path::keys(&["refuse"]), message)),
            }
        }
        misfits
    }

    fn claims(settings: &ToySettings, _: &Scope<'_>) -> Vec<Claim> {
        let name = settings.file.display().to_string();
        vec![Claim::Name {
            at: Path::keys(&["file"]),
            shown: format!("`{name}`"),
            name: format!("toy {name}"),
            advice: "write the path of another file",
        }]
    }

    fn stream(_: &ToySettings, record: &RecordName) -> String {
        record.name.to_lowercase()
    }

    fn guarantee(_: &ToySettings) -> Guarantee {
        Guarantee::ExactlyOnce
    }

    fn preflight(settings: &ToySettings, context: &Context<'_>, streams: &[Stream]) -> Report {
        let Some(folder) = settings.file.parent().filter(|folder| !folder.is_dir()) else {
            let note =
                format!("{} streams of {} into {}", streams.len(), context.name, settings.file.display());
            return Report { notes: vec![note], ..Report::default() };
        };
        Report { wrong: vec![format!("{} is no folder: make it", folder.display())], ..Report::default() }
    }

    fn explain(
        sink: Option<(&str, &ToySettings)>,
        _: JournalId,
        stream: &Stream,
        record: &Record<'_>,
    ) -> Explanation {
        let line = format!("{} {}", stream.schema.name, record.key);
        let (line, written) = match sink {
            None => (line, Vec::new()),
            Some((sink, settings)) => {
                (format!("{sink} {line}"), vec![("file", settings.file.display().to_string())])
            }
        };
        Explanation { headers: vec![("toy".to_owned(), line)], written }
    }

    fn build(settings: &ToySettings, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError> {
        let file = match context.replay {
            Some(id) => settings.file.with_extension(id),
            None => settings.file.clone(),
        };
        Ok(Box::new(ToySink::new(ToySettings { file, ..settings.clone() })))
    }
}
