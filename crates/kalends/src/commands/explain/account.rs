use std::collections::BTreeMap;

use kalends_normalise::{
    DeadLetter, DeadLetterRow, Event, Meta, Normaliser, Outcome, Plan, QuirkSeen, RecordType,
};
use kalends_settings::{Settings, Sink, record_names};
use kalends_sink::{JournalId, Record, Schema};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

use super::fields::Fields;
use crate::sinks::kinds;

/// Where a body stands, or would stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The endpoint that received it.
    pub(crate) endpoint: &'a str,
    /// When, in microseconds since the Unix epoch.
    pub(crate) received_at: i64,
    pub(crate) journal: JournalId,
    pub(crate) position: u64,
    pub(crate) traceparent: Option<&'a str>,
    pub(crate) tracestate: Option<&'a str>,
}

/// What becomes of a body.
#[derive(Debug)]
pub(crate) struct Account {
    /// The record type.
    pub(crate) record_type: String,
    /// The topic in each sink that takes the type, by the sink's name.
    pub(crate) topics: BTreeMap<String, String>,
    pub(crate) key: String,
    /// As the first sink that takes the type and writes headers does.
    pub(crate) headers: Vec<(String, String)>,
    /// The kind that would write them, where no sink here does; nothing in the headers is a sink's then.
    no_sinks: Option<&'static str>,
    pub(crate) quirks: Vec<QuirkSeen>,
    /// Why it is a dead letter: reason and message.
    pub(crate) dead_letter: Option<(&'static str, String)>,
    pub(super) record: Fields,
}

impl Account {
    /// Normalises `body` as it is received at `place`.
    pub(crate) fn of(
        body: &[u8],
        place: &Place<'_>,
        normaliser: &mut Normaliser,
        plan: &Plan,
        settings: &Settings,
    ) -> Self {
        let journal_id = place.journal.to_string();
        let (endpoint, received_at, position) = (place.endpoint, place.received_at, place.position);
        let meta = Meta { endpoint, received_at, journal_id: &journal_id, shard: 0, position };
        match normaliser.normalise(body, &meta) {
            Outcome::Event(event) => Self::of_event(event, plan, place, settings),
            Outcome::DeadLetter(letter) => Self::of_dead_letter(body, &letter, plan, place, meta, settings),
        }
    }

    fn of_event(event: Event, plan: &Plan, place: &Place<'_>, settings: &Settings) -> Self {
        let record_type = plan.records().get(event.record);
        let record = Record { event_id: Some(event.event_id()), key: event.key(), ..record(place) };
        let (headers, no_sinks) = headers(record_type, place.journal, &record, settings);
        Self {
            record_type: record_type.map(|record| record.name.clone()).unwrap_or_default(),
            topics: topics(record_type, plan, settings),
            headers,
            no_sinks,
            record: Fields::new(record_type, event.to_json()),
            key: event.key().to_owned(),
            quirks: event.quirks,
            dead_letter: None,
        }
    }

    fn of_dead_letter(
        body: &[u8],
        letter: &DeadLetter,
        plan: &Plan,
        place: &Place<'_>,
        meta: Meta<'_>,
        settings: &Settings,
    ) -> Self {
        let record_type = plan.records().get(plan.dead_letter());
        let reason = letter.reason.as_str();
        let row = DeadLetterRow {
            meta,
            reason,
            message: &letter.message,
            body_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            body: Some(body),
            event_id: letter.event_id.as_deref(),
            event_type: letter.event_type.as_deref(),
        };
        let key = letter.event_id.clone().unwrap_or_else(|| meta.position.to_string());
        let event_id = letter.event_id.as_deref();
        let record =
            Record { event_id, key: &key, dead_letter: Some((reason, &letter.message)), ..record(place) };
        let (headers, no_sinks) = headers(record_type, place.journal, &record, settings);
        Self {
            record_type: record_type.map(|record| record.name.clone()).unwrap_or_default(),
            topics: topics(record_type, plan, settings),
            headers,
            no_sinks,
            record: Fields::new(record_type, plan.dead_letter_to_json(&row)),
            quirks: Vec::new(),
            dead_letter: Some((reason, letter.message.clone())),
            key,
        }
    }
}

impl Account {
    /// Its headers for people, line by line.
    pub(crate) fn header_lines(&self) -> Vec<String> {
        let nobody = self
            .no_sinks
            .map(|kind| format!("headers      of no sink here: as a sink of kind {kind} would write them"));
        let headers = self.headers.iter().map(|(name, value)| format!("header       {name}: {value}"));
        nobody.into_iter().chain(headers).collect()
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
        let headers: BTreeMap<&str, &str> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let dead_letter = self
            .dead_letter
            .as_ref()
            .map(|(reason, message)| json!({ "reason": reason, "message": message }));
        let mut object = serializer.serialize_map(Some(7))?;
        object.serialize_entry("record_type", &self.record_type)?;
        object.serialize_entry("topics", &self.topics)?;
        object.serialize_entry("key", &self.key)?;
        object.serialize_entry("headers", &headers)?;
        object.serialize_entry("quirks", &quirks)?;
        object.serialize_entry("dead_letter", &dead_letter)?;
        object.serialize_entry("record", &self.record)?;
        object.end()
    }
}

fn record<'a>(place: &Place<'a>) -> Record<'a> {
    Record {
        stream: 0,
        key: "",
        datum: &[],
        journal: place.journal,
        position: place.position,
        shard: 0,
        received_at: place.received_at,
        endpoint: place.endpoint,
        event_id: None,
        traceparent: place.traceparent,
        tracestate: place.tracestate,
        dead_letter: None,
    }
}

/// The sinks that take the type.
fn takers<'a>(record: &RecordType, settings: &'a Settings) -> impl Iterator<Item = (&'a str, &'a Sink)> {
    let sinks = settings.sinks.iter().map(|(name, sink)| (name.as_str(), sink));
    sinks.filter(move |(_, sink)| sink.takes(&record.name))
}

fn topics(record: Option<&RecordType>, plan: &Plan, settings: &Settings) -> BTreeMap<String, String> {
    let Some(record) = record else { return BTreeMap::new() };
    let names = record_names(plan, None);
    let Some(name) = names.iter().find(|name| name.name == record.name) else { return BTreeMap::new() };
    takers(record, settings).map(|(sink, settings)| (sink.to_owned(), settings.own.stream(name))).collect()
}

/// The headers, and the kind that would write them where no sink here does.
fn headers(
    record_type: Option<&RecordType>,
    journal: JournalId,
    record: &Record<'_>,
    settings: &Settings,
) -> (Vec<(String, String)>, Option<&'static str>) {
    let Some(of) = record_type else { return (Vec::new(), None) };
    let schema = Schema {
        name: of.name.clone(),
        full_name: of.full_name.clone(),
        json: of.schema_json.clone(),
        fingerprint: of.fingerprint,
    };
    let written =
        takers(of, settings).find_map(|(name, sink)| sink.own.explain(name, journal, &schema, record));
    if let Some(headers) = written {
        return (headers, None);
    }
    let kinds = kinds().iter();
    let would =
        kinds.filter_map(|kind| Some((kind.explain(None, journal, &schema, record)?, Some(kind.name()))));
    would.into_iter().next().unwrap_or_default()
}
