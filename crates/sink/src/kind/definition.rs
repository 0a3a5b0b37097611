use std::{fmt::Debug, io};

use kalends_value::{Misfit, Path, Secret, Start};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{BuildError, Claim, Context, Doubt, Explanation, RecordName, Report, SchemaRegistry, Scope};
use crate::{JournalId, Record, Sink, Stream};

/// A kind of sink, as its crate defines it. [`SinkKind`](super::SinkKind) is the same as a trait object.
///
/// The paths of secrets, misfits and claims begin at the sink's own settings.
pub trait SinkDefinition: Send + Sync + 'static {
    /// The sink's own keys. The keys that all kinds have in common are not among them.
    type Settings: Clone
        + Debug
        + PartialEq
        + DeserializeOwned
        + Serialize
        + JsonSchema
        + Send
        + Sync
        + 'static;

    /// The value of the key `kind`.
    const NAME: &'static str;

    /// The common keys that this kind takes, and their defaults.
    const COMMON: CommonKeys;

    /// Whether a replay writes to where live delivery does, so that it passes over whatever repeats an event of the journal.
    const REPLAYS_IN_PLACE: bool = false;

    /// Every secret of the settings, and where it stands.
    fn secrets(settings: &mut Self::Settings) -> Vec<(Path, &mut Secret)>;

    /// Brings the settings to their one spelling, and returns everything that is wrong with them and that can be found without a
    /// network: all that [`build`](Self::build) would refuse is among it. A secret that could not be read is empty, and is
    /// reported elsewhere.
    fn check(settings: &mut Self::Settings, scope: &Scope<'_>) -> Vec<Misfit>;

    /// Facts about the settings that are worth knowing and are no fault.
    fn notes(settings: &Self::Settings, scope: &Scope<'_>) -> Vec<String> {
        let _ = (settings, scope);
        Vec::new()
    }

    /// Resources that no other sink may share. Leaves out every value that [`check`](Self::check) reports.
    fn claims(settings: &Self::Settings, scope: &Scope<'_>) -> Vec<Claim>;

    /// The name of the stream of a record type: of its topic, table or event.
    fn stream(settings: &Self::Settings, record: &RecordName) -> String;

    /// The promise to readers of the destination.
    fn guarantee(settings: &Self::Settings) -> Guarantee;

    /// Announces to people whom [`preflight`](Self::preflight) asks and how long the answer may take; `None` where it takes no time.
    fn announcement(settings: &Self::Settings) -> Option<String> {
        let _ = settings;
        None
    }

    /// Tries everything that the sink will need, commits no record, and takes over from nobody.
    fn preflight(settings: &Self::Settings, context: &Context<'_>, streams: &[Stream]) -> Report;

    /// What the destination gets of a record beside its topic, key and fields, made as live delivery makes it. `sink` is a sink's
    /// name with its settings; without it no sink of this kind is configured, and nothing of a sink's own is told.
    #[must_use]
    fn explain(
        sink: Option<(&str, &Self::Settings)>,
        journal: JournalId,
        stream: &Stream,
        record: &Record<'_>,
    ) -> Explanation {
        let _ = (sink, journal, stream, record);
        Explanation::default()
    }

    /// Where the sink registers the schemas of its records; `None` where it does not.
    fn schema_registry(settings: &Self::Settings) -> Option<Box<dyn SchemaRegistry>> {
        let _ = settings;
        None
    }

    /// The statements that make what the sink writes to, or those that make its derived state from it again, for somebody who
    /// runs them by hand; `None` where there are none.
    ///
    /// # Errors
    /// Why records of a stream can't be written there.
    fn statements(
        settings: &Self::Settings,
        context: &Context<'_>,
        streams: &[Stream],
        rebuild_state: bool,
    ) -> Option<Result<Vec<String>, BuildError>> {
        let _ = (settings, context, streams, rebuild_state);
        None
    }

    /// Events that may stand twice at the destination, the oldest first, as the sink has noted them; `None` where the kind has no
    /// such doubts.
    fn doubts(settings: &Self::Settings, context: &Context<'_>) -> Option<io::Result<Vec<Doubt>>> {
        let _ = (settings, context);
        None
    }

    /// Makes the sink, for live delivery or for a replay. Reaches for nothing before it is connected.
    ///
    /// # Errors
    /// Settings that no sink can be made of.
    fn build(settings: &Self::Settings, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError>;
}

/// The promise to readers of the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarantee {
    /// Records and position are one fact at the destination: each event stands there once.
    ExactlyOnce,
    /// After a failure some records stand there twice; none is lost.
    AtLeastOnce,
}

impl Guarantee {
    /// The guarantee's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExactlyOnce => "exactly-once",
            Self::AtLeastOnce => "at-least-once",
        }
    }
}

/// A key that sinks of every kind may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommonKey {
    /// Where the sink starts in a journal that it has never seen.
    Start,
    /// Whether the journal waits for the sink.
    Required,
    /// The only event types that the sink takes.
    Only,
    /// Event types that the sink does not take.
    Except,
    /// Whether U+0000 is taken out of texts.
    StripNul,
    /// The personal data that the sink may see.
    Privacy,
}

impl CommonKey {
    /// Every common key.
    pub const ALL: &'static [Self] =
        &[Self::Start, Self::Required, Self::Only, Self::Except, Self::StripNul, Self::Privacy];

    /// The key's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Required => "required",
            Self::Only => "only",
            Self::Except => "except",
            Self::StripNul => "strip_nul",
            Self::Privacy => "privacy",
        }
    }
}

/// The common keys that a kind takes, and the defaults that may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommonKeys {
    /// The keys; any other common key is unknown to sinks of this kind.
    pub taken: &'static [CommonKey],
    /// Default of `start`.
    pub start: Start,
    /// Default of `required`.
    pub required: bool,
}

impl CommonKeys {
    /// All of them: from the earliest webhook on, and required.
    pub const ALL: Self = Self { taken: CommonKey::ALL, start: Start::Earliest, required: true };
}
