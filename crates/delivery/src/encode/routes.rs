use std::{collections::BTreeMap, sync::Arc};

use kalends_normalise::Plan;
use kalends_sink::{Schema, Stream};

/// Which record types a sink gets, by record name (`Subscribe`, …, `Test`, `UnknownEvent`, `DeadLetter`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// Every type.
    #[default]
    All,
    /// These types.
    Only(Vec<String>),
    /// Every type but these.
    Except(Vec<String>),
}

impl Selection {
    fn has(&self, record: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == record),
            Self::Except(names) => !names.iter().any(|name| name == record),
        }
    }
}

/// How a sink's topics are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// What stands before a record type's topic suffix. Default `rokt.calendar.`
    pub prefix: String,
    /// Whole topic names by record name, in place of prefix and suffix.
    pub names: BTreeMap<String, String>,
}

impl Default for Topics {
    fn default() -> Self {
        Self { prefix: "rokt.calendar.".to_owned(), names: BTreeMap::new() }
    }
}

impl Topics {
    /// The topic of a record type.
    #[must_use]
    pub fn topic(&self, record: &str, suffix: &str) -> String {
        self.names.get(record).cloned().unwrap_or_else(|| format!("{}{suffix}", self.prefix))
    }
}

/// The streams of a sink: one for each record type that it gets.
#[must_use]
pub fn streams(plan: &Plan, selection: &Selection, topics: &Topics) -> Vec<Stream> {
    Routes::new(plan, selection, topics).streams
}

/// A sink's streams, and which record type goes to which.
#[derive(Debug)]
pub(crate) struct Routes {
    streams: Vec<Stream>,
    stream_of_record: Vec<Option<usize>>,
}

impl Routes {
    pub(crate) fn new(plan: &Plan, selection: &Selection, topics: &Topics) -> Self {
        let (mut streams, mut stream_of_record) = (Vec::new(), Vec::new());
        for record in plan.records() {
            stream_of_record.push(selection.has(&record.name).then_some(streams.len()));
            if selection.has(&record.name) {
                let schema = Schema {
                    name: record.name.clone(),
                    full_name: record.full_name.clone(),
                    json: record.schema_json.clone(),
                    fingerprint: record.fingerprint,
                };
                let topic = topics.topic(&record.name, &record.topic_suffix).into();
                streams.push(Stream { topic, schema: Arc::new(schema) });
            }
        }
        Self { streams, stream_of_record }
    }

    pub(crate) fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// The full name of the records on each topic.
    pub(crate) fn record_names(&self) -> BTreeMap<String, String> {
        self.streams.iter().map(|s| (s.topic.to_string(), s.schema.full_name.clone())).collect()
    }

    /// The stream of a record type; `None` when the sink doesn't get it.
    pub(crate) fn stream(&self, record: usize) -> Option<usize> {
        self.stream_of_record.get(record).copied().flatten()
    }
}
