use crate::{
    CompileError, RecordType, Source, Value, compile, time,
    trie::{NodeId, Trie},
    zone::Zones,
};

/// The unit of instants in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// `timestamp-millis`, in namespace `rokt.calendar`.
    #[default]
    Millis,
    /// `timestamp-micros`, in namespace `rokt.calendar.micros`.
    Micros,
}

impl TimeUnit {
    /// An instant in microseconds since the Unix epoch, as a value of this unit; floored.
    pub(crate) fn of_micros(self, micros: i64) -> Value {
        match self {
            Self::Millis => Value::Millis(micros.div_euclid(1_000)),
            Self::Micros => Value::Micros(micros),
        }
    }

    pub(crate) fn instant(self, moment: time::Moment) -> Option<Value> {
        moment.micros().map(|micros| self.of_micros(micros))
    }
}

/// All record types, compiled: what every path of a body means, whatever the event's type.
#[derive(Debug)]
pub struct Plan {
    pub(crate) records: Vec<RecordType>,
    pub(crate) trie: Trie,
    pub(crate) envelope: Envelope,
    pub(crate) special: Special,
    pub(crate) zones: Zones,
    pub(crate) unit: TimeUnit,
}

/// What every event has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) id: NodeId,
    /// The event's type.
    pub(crate) kind: NodeId,
    pub(crate) details: NodeId,
}

/// Record types with a part of their own, by index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Special {
    pub(crate) test: usize,
    pub(crate) unknown: usize,
    pub(crate) dead_letter: usize,
}

impl Plan {
    /// The plan of the built-in record types.
    ///
    /// # Errors
    /// None of its own; the built-in schemas are held valid by tests.
    pub fn builtin(unit: TimeUnit) -> Result<Self, CompileError> {
        Self::compile(&[], unit)
    }

    /// The plan of the built-in record types and `sources`: a source with the full name of a built-in replaces it,
    /// any other is a new event type.
    ///
    /// Sources are written with `timestamp-millis`; the unit is applied to them.
    ///
    /// # Errors
    /// A [`CompileError`] that names the source, and the field where it is one: no JSON, no Avro record, a type or an
    /// attribute that kalends has no meaning for, two records of one event type, or a replacement that is no
    /// compatible superset.
    pub fn compile(sources: &[Source<'_>], unit: TimeUnit) -> Result<Self, CompileError> {
        compile::plan(sources, unit)
    }

    /// The record types: the built-in ones in the order of [`Source::BUILT_IN`], then the new ones.
    #[must_use]
    pub fn records(&self) -> &[RecordType] {
        &self.records
    }

    /// The index of the record type with this name (without namespace).
    #[must_use]
    pub fn record(&self, name: &str) -> Option<usize> {
        self.records.iter().position(|record| record.name == name)
    }

    /// The index of the record type of dead letters.
    #[must_use]
    pub fn dead_letter(&self) -> usize {
        self.special.dead_letter
    }

    /// The unit of instants.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }
}
