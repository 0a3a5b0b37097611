//! The record types and what every path of a body means, compiled from `.avsc` texts.

mod attribute;
mod common_fields;
mod compile;
mod error;
pub(crate) mod kind;
mod personal_names;
pub(crate) mod record;
mod source;
mod superset;
pub(crate) mod trie;

pub use error::CompileError;
pub use record::{Field, Personal, RecordType};
pub use source::Source;

use self::trie::{NodeId, Trie};
use crate::time::{TimeUnit, zone::Zones};

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

pub(crate) const EVENT_ID: &str = "/eventId";
pub(crate) const EVENT_TYPE: &str = "/eventType";
pub(crate) const EVENT_DETAILS: &str = "/eventDetails";

/// Places that every event has.
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
    /// The record types: the built-in ones in the order of [`crate::Source::BUILT_IN`], then the new ones.
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

    /// Fields that seem to hold personal data by their names and have no class, so that no rule about a class of personal
    /// data touches them; each with its record type and the class that its name speaks for.
    pub fn unclassified(&self) -> impl Iterator<Item = (&RecordType, &Field, Personal)> {
        self.records.iter().flat_map(|record| {
            let open = record.unclassified.iter();
            open.filter_map(move |(index, class)| Some((record, record.fields.get(*index)?, *class)))
        })
    }

    /// The unit of instants.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }
}
