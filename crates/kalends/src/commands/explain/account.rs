use std::collections::BTreeMap;

use kalends_normalise::QuirkSeen;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

use super::fields::Fields;
use crate::output::instant;

/// What becomes of a webhook.
#[derive(Debug)]
pub(crate) struct Account {
    /// The record type.
    pub(crate) record_type: String,
    /// Where it stands; `None` for a body that is in no journal.
    pub(super) place: Option<Place>,
    /// The endpoint that is taken to have received it, where there is a choice.
    pub(super) endpoint: Option<String>,
    /// Whether it repeats an event of the window before it, so that no sink gets it.
    pub(super) is_duplicate: bool,
    /// Whether it is of a forgotten person, whose personal values no sink gets.
    pub(crate) is_forgotten: bool,
    /// The sink that it is asked of; `None` where it is asked of all.
    pub(super) of: Option<String>,
    /// Each sink that takes the type.
    pub(super) sinks: Vec<SinkAccount>,
    /// Headers that a sink of this kind would write; shown where no sink here writes any.
    pub(super) unsent: Option<(&'static str, Vec<(String, String)>)>,
    pub(super) quirks: Vec<QuirkSeen>,
    /// Why it is a dead letter: reason and message.
    pub(crate) dead_letter: Option<(&'static str, String)>,
    /// Key and record before any sink's privacy.
    pub(super) key: String,
    pub(super) record: Fields,
}

/// Where a webhook stands in the journal.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) position: u64,
    pub(super) received_at: i64,
    pub(super) endpoint: String,
}

/// What one sink gets.
#[derive(Debug)]
pub(super) struct SinkAccount {
    pub(super) name: String,
    pub(super) topic: String,
    pub(super) key: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) written: Vec<(&'static str, String)>,
    /// No field where it is asked of all sinks, and this one gets what was received.
    pub(super) record: Fields,
}

impl Account {
    /// The topic in each sink that takes the type, by the sink's name.
    pub(crate) fn topics(&self) -> BTreeMap<&str, &str> {
        self.sinks.iter().map(|sink| (sink.name.as_str(), sink.topic.as_str())).collect()
    }

    /// The record's key: at the sink that is asked of, else before any sink's privacy.
    pub(crate) fn key(&self) -> &str {
        self.asked().map_or(&self.key, |sink| &sink.key)
    }

    /// As the first sink that takes the type and writes headers does, else as a sink would.
    pub(crate) fn headers(&self) -> &[(String, String)] {
        let written = self.sinks.iter().map(|sink| &sink.headers).find(|headers| !headers.is_empty());
        written.or(self.unsent.as_ref().map(|(_, headers)| headers)).map_or(&[], Vec::as_slice)
    }

    /// Its headers for people, line by line.
    pub(crate) fn header_lines(&self) -> Vec<String> {
        let is_written = self.sinks.iter().any(|sink| !sink.headers.is_empty());
        let nobody = self.unsent.as_ref().filter(|_| !is_written);
        let nobody = nobody.map(|(kind, _)| {
            format!("headers      of no sink here: as a sink of kind {kind} would write them")
        });
        let headers = self.headers().iter().map(|(name, value)| format!("header       {name}: {value}"));
        nobody.into_iter().chain(headers).collect()
    }

    /// What the sink gets that is asked of; `None` where it is asked of all, or that one doesn't take the type.
    pub(super) fn asked(&self) -> Option<&SinkAccount> {
        self.sinks.first().filter(|_| self.of.is_some())
    }

    /// The fields of which each sink sees other values than were received, where there are any.
    pub(super) fn changed(&self) -> BTreeMap<&str, Vec<&str>> {
        let changed =
            self.sinks.iter().map(|sink| (sink.name.as_str(), self.record.changed_in(&sink.record)));
        changed.filter(|(_, fields)| !fields.is_empty()).collect()
    }

    /// The record as it is asked for; `None` where the sink that is asked of doesn't take it.
    pub(super) fn shown(&self) -> Option<&Fields> {
        match self.of {
            None => Some(&self.record),
            Some(_) => self.asked().map(|sink| &sink.record),
        }
    }

    /// One JSON object on one line; `body` says which body it is of.
    ///
    /// # Errors
    /// The record is no JSON, which is a bug.
    pub(super) fn to_json(&self, body: &str) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Named<'a> {
            body: &'a str,
            #[serde(flatten)]
            account: &'a Account,
        }
        serde_json::to_string(&Named { body, account: self })
    }
}

/// One JSON object.
impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let quirks: Vec<Value> = self
            .quirks
            .iter()
            .map(|seen| json!({ "quirk": seen.quirk.as_str(), "pointer": seen.pointer }))
            .collect();
        let pairs = |pairs: &[(String, String)]| -> Value {
            pairs
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let written: serde_json::Map<_, _> = self
            .sinks
            .iter()
            .map(|sink| {
                let written = sink.written.iter().map(|(what, text)| ((*what).to_owned(), json!(text)));
                (sink.name.clone(), Value::Object(written.collect()))
            })
            .collect();
        let dead_letter = self
            .dead_letter
            .as_ref()
            .map(|(reason, message)| json!({ "reason": reason, "message": message }));
        let mut object = serializer.serialize_map(None)?;
        if let Some(Place { position, received_at, endpoint }) = &self.place {
            object.serialize_entry("position", position)?;
            object.serialize_entry("received_at", &instant::shown(*received_at))?;
            object.serialize_entry("endpoint", endpoint)?;
            object.serialize_entry("duplicate", &self.is_duplicate)?;
        }
        object.serialize_entry("forgotten", &self.is_forgotten)?;
        object.serialize_entry("sink", &self.of)?;
        object.serialize_entry("record_type", &self.record_type)?;
        object.serialize_entry("topics", &self.topics())?;
        object.serialize_entry("key", self.key())?;
        object.serialize_entry("headers", &pairs(self.headers()))?;
        object.serialize_entry("written", &written)?;
        object.serialize_entry("quirks", &quirks)?;
        object.serialize_entry("dead_letter", &dead_letter)?;
        object.serialize_entry("changed_by_privacy", &self.changed())?;
        object.serialize_entry("record", &self.shown())?;
        object.end()
    }
}
