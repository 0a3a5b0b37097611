use std::{any::Any, fmt, io};

use kalends_value::{Misfit, Node, Path, Secret, read_beside};
use schemars::{Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use super::{
    BuildError, Claim, CommonKeys, Context, Doubt, Explanation, Guarantee, RecordName, Report,
    SchemaRegistry, Scope, SinkDefinition,
};
use crate::{JournalId, Record, Sink, Stream};

/// The kinds of sinks that a program has.
pub type SinkKinds = &'static [&'static dyn SinkKind];

/// A kind of sink as an item of a list: every [`SinkDefinition`] is one.
pub trait SinkKind: Send + Sync {
    /// The value of the key `kind`.
    fn name(&self) -> &'static str;

    /// The common keys that this kind takes, and their defaults.
    fn common(&self) -> CommonKeys;

    /// The JSON Schema of the sink's own keys, an object.
    fn schema(&self, generator: &mut SchemaGenerator) -> Schema;

    /// Reads the sink's own keys. Values that don't fit are listed, each with its path from `node`; `beside` are keys that stand
    /// there as well and are read by somebody else.
    fn read(&self, node: Node, beside: &[&'static str]) -> (Option<KindSettings>, Vec<Misfit>);

    /// As [`SinkDefinition::explain`], where no sink of this kind is configured.
    fn explain(&self, journal: JournalId, stream: &Stream, record: &Record<'_>) -> Explanation;
}

impl<D: SinkDefinition> SinkKind for D {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn common(&self) -> CommonKeys {
        D::COMMON
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        <D::Settings as schemars::JsonSchema>::json_schema(generator)
    }

    fn read(&self, node: Node, beside: &[&'static str]) -> (Option<KindSettings>, Vec<Misfit>) {
        let (settings, misfits) = read_beside(node, beside);
        (settings.map(KindSettings::new::<D>), misfits)
    }

    fn explain(&self, journal: JournalId, stream: &Stream, record: &Record<'_>) -> Explanation {
        D::explain(None, journal, stream, record)
    }
}

/// The own settings of one sink, whatever its kind. Printed, they show no secret.
pub struct KindSettings(Box<dyn Erased>);

impl KindSettings {
    /// Settings of this kind.
    #[must_use]
    pub fn new<D: SinkDefinition>(settings: D::Settings) -> Self {
        Self(Box::new(Typed::<D>(settings)))
    }

    /// The settings, if they are of this kind.
    #[must_use]
    pub fn get<D: SinkDefinition>(&self) -> Option<&D::Settings> {
        self.0.as_any().downcast_ref::<Typed<D>>().map(|typed| &typed.0)
    }

    /// The settings, if they are of this kind.
    pub fn get_mut<D: SinkDefinition>(&mut self) -> Option<&mut D::Settings> {
        self.0.as_any_mut().downcast_mut::<Typed<D>>().map(|typed| &mut typed.0)
    }

    /// The value of the key `kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.0.kind()
    }

    /// The common keys that the kind takes, and their defaults.
    #[must_use]
    pub fn common(&self) -> CommonKeys {
        self.0.common()
    }

    /// As [`SinkDefinition::REPLAYS_IN_PLACE`].
    #[must_use]
    pub fn replays_in_place(&self) -> bool {
        self.0.replays_in_place()
    }

    /// As [`SinkDefinition::secrets`].
    pub fn secrets(&mut self) -> Vec<(Path, &mut Secret)> {
        self.0.secrets()
    }

    /// As [`SinkDefinition::check`].
    pub fn check(&mut self, scope: &Scope<'_>) -> Vec<Misfit> {
        self.0.check(scope)
    }

    /// As [`SinkDefinition::notes`].
    #[must_use]
    pub fn notes(&self, scope: &Scope<'_>) -> Vec<String> {
        self.0.notes(scope)
    }

    /// As [`SinkDefinition::claims`].
    #[must_use]
    pub fn claims(&self, scope: &Scope<'_>) -> Vec<Claim> {
        self.0.claims(scope)
    }

    /// As [`SinkDefinition::stream`].
    #[must_use]
    pub fn stream(&self, record: &RecordName) -> String {
        self.0.stream(record)
    }

    /// As [`SinkDefinition::guarantee`].
    #[must_use]
    pub fn guarantee(&self) -> Guarantee {
        self.0.guarantee()
    }

    /// As [`SinkDefinition::announcement`].
    #[must_use]
    pub fn announcement(&self) -> Option<String> {
        self.0.announcement()
    }

    /// As [`SinkDefinition::preflight`].
    #[must_use]
    pub fn preflight(&self, context: &Context<'_>, streams: &[Stream]) -> Report {
        self.0.preflight(context, streams)
    }

    /// As [`SinkDefinition::explain`].
    #[must_use]
    pub fn explain(
        &self,
        sink: &str,
        journal: JournalId,
        stream: &Stream,
        record: &Record<'_>,
    ) -> Explanation {
        self.0.explain(sink, journal, stream, record)
    }

    /// As [`SinkDefinition::statements`].
    ///
    /// # Errors
    /// As there.
    #[must_use]
    pub fn statements(
        &self,
        context: &Context<'_>,
        streams: &[Stream],
        rebuild_state: bool,
    ) -> Option<Result<Vec<String>, BuildError>> {
        self.0.statements(context, streams, rebuild_state)
    }

    /// As [`SinkDefinition::doubts`].
    #[must_use]
    pub fn doubts(&self, context: &Context<'_>) -> Option<io::Result<Vec<Doubt>>> {
        self.0.doubts(context)
    }

    /// As [`SinkDefinition::schema_registry`].
    #[must_use]
    pub fn schema_registry(&self) -> Option<Box<dyn SchemaRegistry>> {
        self.0.schema_registry()
    }

    /// As [`SinkDefinition::build`].
    ///
    /// # Errors
    /// As there.
    pub fn build(&self, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError> {
        self.0.build(context)
    }
}

impl Clone for KindSettings {
    fn clone(&self) -> Self {
        Self(self.0.cloned())
    }
}

impl PartialEq for KindSettings {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(&*other.0)
    }
}

impl fmt::Debug for KindSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A map of the sink's own keys.
impl Serialize for KindSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.value().map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

struct Typed<D: SinkDefinition>(D::Settings);

impl<D: SinkDefinition> fmt::Debug for Typed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

trait Erased: fmt::Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn cloned(&self) -> Box<dyn Erased>;
    fn equals(&self, other: &dyn Erased) -> bool;
    fn value(&self) -> serde_json::Result<serde_json::Value>;
    fn kind(&self) -> &'static str;
    fn common(&self) -> CommonKeys;
    fn replays_in_place(&self) -> bool;
    fn secrets(&mut self) -> Vec<(Path, &mut Secret)>;
    fn check(&mut self, scope: &Scope<'_>) -> Vec<Misfit>;
    fn notes(&self, scope: &Scope<'_>) -> Vec<String>;
    fn claims(&self, scope: &Scope<'_>) -> Vec<Claim>;
    fn stream(&self, record: &RecordName) -> String;
    fn guarantee(&self) -> Guarantee;
    fn announcement(&self) -> Option<String>;
    fn preflight(&self, context: &Context<'_>, streams: &[Stream]) -> Report;
    fn explain(&self, sink: &str, journal: JournalId, stream: &Stream, record: &Record<'_>) -> Explanation;
    fn statements(
        &self,
        context: &Context<'_>,
        streams: &[Stream],
        rebuild_state: bool,
    ) -> Option<Result<Vec<String>, BuildError>>;
    fn doubts(&self, context: &Context<'_>) -> Option<io::Result<Vec<Doubt>>>;
    fn schema_registry(&self) -> Option<Box<dyn SchemaRegistry>>;
    fn build(&self, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError>;
}

impl<D: SinkDefinition> Erased for Typed<D> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn Erased> {
        Box::new(Self(self.0.clone()))
    }

    fn equals(&self, other: &dyn Erased) -> bool {
        other.as_any().downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
    }

    fn value(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(&self.0)
    }

    fn kind(&self) -> &'static str {
        D::NAME
    }

    fn common(&self) -> CommonKeys {
        D::COMMON
    }

    fn replays_in_place(&self) -> bool {
        D::REPLAYS_IN_PLACE
    }

    fn secrets(&mut self) -> Vec<(Path, &mut Secret)> {
        D::secrets(&mut self.0)
    }

    fn check(&mut self, scope: &Scope<'_>) -> Vec<Misfit> {
        D::check(&mut self.0, scope)
    }

    fn notes(&self, scope: &Scope<'_>) -> Vec<String> {
        D::notes(&self.0, scope)
    }

    fn claims(&self, scope: &Scope<'_>) -> Vec<Claim> {
        D::claims(&self.0, scope)
    }

    fn stream(&self, record: &RecordName) -> String {
        D::stream(&self.0, record)
    }

    fn guarantee(&self) -> Guarantee {
        D::guarantee(&self.0)
    }

    fn announcement(&self) -> Option<String> {
        D::announcement(&self.0)
    }

    fn preflight(&self, context: &Context<'_>, streams: &[Stream]) -> Report {
        D::preflight(&self.0, context, streams)
    }

    fn explain(&self, sink: &str, journal: JournalId, stream: &Stream, record: &Record<'_>) -> Explanation {
        D::explain(Some((sink, &self.0)), journal, stream, record)
    }

    fn statements(
        &self,
        context: &Context<'_>,
        streams: &[Stream],
        rebuild_state: bool,
    ) -> Option<Result<Vec<String>, BuildError>> {
        D::statements(&self.0, context, streams, rebuild_state)
    }

    fn doubts(&self, context: &Context<'_>) -> Option<io::Result<Vec<Doubt>>> {
        D::doubts(&self.0, context)
    }

    fn schema_registry(&self) -> Option<Box<dyn SchemaRegistry>> {
        D::schema_registry(&self.0)
    }

    fn build(&self, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError> {
        D::build(&self.0, context)
    }
}
