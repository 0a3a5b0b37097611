use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use jiff::Timestamp;
use kalends_sink::{JournalId, Record, Schema};

/// The headers of a record: CloudEvents in binary mode, where it stands in the journal, and for a dead letter also
/// what Kafka Connect's tools look for.
///
/// `sink` is the name of the sink that writes it.
#[must_use]
pub fn headers<'a>(
    sink: &'a str,
    journal: JournalId,
    schema: &Schema,
    record: &Record<'a>,
) -> Vec<(&'static str, Cow<'a, str>)> {
    let mut headers = Vec::new();
    Common::new(journal, schema).each(sink, record, &mut String::new(), |name, value| {
        headers.push((name, Cow::from(value.to_owned())));
    });
    headers
}

/// Headers that all records of one stream have in common.
#[derive(Debug)]
pub(crate) struct Common {
    ce_type: String,
    ce_dataschema: String,
    /// The identity of most records, and its text.
    journal: (JournalId, String),
}

impl Common {
    pub(crate) fn new(journal: JournalId, schema: &Schema) -> Self {
        Self {
            ce_type: format!("rokt.calendar.{}", schema.name),
            ce_dataschema: format!("urn:avro:{}:{:016x}", schema.full_name, schema.fingerprint),
            journal: (journal, journal.to_string()),
        }
    }

    /// Hands each header of a record to `put`. `scratch` is for text that lives no longer than that.
    pub(crate) fn each(
        &self,
        sink: &str,
        record: &Record<'_>,
        scratch: &mut String,
        mut put: impl FnMut(&'static str, &str),
    ) {
        put("ce_specversion", "1.0");
        match record.event_id {
            Some(id) => put("ce_id", id),
            None => put("ce_id", write_place(scratch, record)),
        }
        put("ce_type", &self.ce_type);
        put("ce_source", write(scratch, format_args!("/kalends/{}", record.endpoint)));
        put("ce_time", rfc3339_in(scratch, record.received_at));
        put("ce_dataschema", &self.ce_dataschema);
        put("content-type", "application/avro");
        put("kalends-position", write_place(scratch, record));
        match &self.journal {
            (journal, text) if *journal == record.journal => put("kalends-journal", text),
            _ => put("kalends-journal", write(scratch, format_args!("{}", record.journal))),
        }
        if let Some(traceparent) = record.traceparent {
            put("traceparent", traceparent);
        }
        if let Some(tracestate) = record.tracestate {
            put("tracestate", tracestate);
        }
        if let Some((reason, message)) = record.dead_letter {
            for (name, value) in connect_errors(sink, record, reason, message) {
                put(name, &value);
            }
        }
    }
}

fn write_place<'s>(scratch: &'s mut String, record: &Record<'_>) -> &'s str {
    write(scratch, format_args!("{}:{}", record.shard, record.position))
}

fn write<'s>(scratch: &'s mut String, text: fmt::Arguments<'_>) -> &'s str {
    scratch.clear();
    // Writing to a string can't fail.
    scratch.write_fmt(text).ok();
    scratch
}

/// The headers of Kafka Connect's dead letter queues. Where a webhook has no topic, partition or offset, the
/// endpoint, the journal's shard and its position stand in.
fn connect_errors<'a>(
    sink: &'a str,
    record: &Record<'a>,
    reason: &'a str,
    message: &'a str,
) -> [(&'static str, Cow<'a, str>); 9] {
    let stage = match reason {
        "too-large" | "rejected-by-sink" => "TASK_PUT",
        _ => "VALUE_CONVERTER",
    };
    [
        ("__connect.errors.topic", record.endpoint.into()),
        ("__connect.errors.partition", record.shard.to_string().into()),
        ("__connect.errors.offset", record.position.to_string().into()),
        ("__connect.errors.connector.name", sink.into()),
        ("__connect.errors.task.id", "0".into()),
        ("__connect.errors.stage", stage.into()),
        ("__connect.errors.class.name", "kalends".into()),
        ("__connect.errors.exception.class.name", reason.into()),
        ("__connect.errors.exception.message", message.into()),
    ]
}

/// An instant as RFC 3339 has it; one that no calendar holds is shown as its number of microseconds.
pub(crate) fn rfc3339(micros: i64) -> String {
    rfc3339_in(&mut String::new(), micros).to_owned()
}

fn rfc3339_in(scratch: &mut String, micros: i64) -> &str {
    match Timestamp::from_microsecond(micros) {
        Ok(instant) => write(scratch, format_args!("{instant}")),
        Err(_) => write(scratch, format_args!("{micros}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        Schema {
            name: "Subscribe".into(),
            full_name: "rokt.calendar.Subscribe".into(),
            json: "{}".into(),
            fingerprint: 0xABC,
        }
    }

    fn record() -> Record<'static> {
        Record {
            stream: 0,
            key: "k",
            datum: b"",
            journal: JournalId::new([7; 16]),
            position: 17,
            shard: 0,
            received_at: 1_600_000_000_123_456,
            endpoint: "main",
            event_id: Some("e-1"),
            traceparent: None,
            tracestate: None,
            dead_letter: None,
            is_forgotten: false,
        }
    }

    fn value<'h>(headers: &'h [(&'static str, Cow<'_, str>)], name: &str) -> Option<&'h str> {
        headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_ref())
    }

    #[test]
    fn an_event_is_a_cloud_event() {
        let headers = headers("kafka", JournalId::new([7; 16]), &schema(), &record());
        assert_eq!(value(&headers, "ce_id"), Some("e-1"));
        assert_eq!(value(&headers, "ce_type"), Some("rokt.calendar.Subscribe"));
        assert_eq!(value(&headers, "ce_source"), Some("/kalends/main"));
        assert_eq!(value(&headers, "ce_specversion"), Some("1.0"));
        assert_eq!(value(&headers, "ce_time"), Some("2020-09-13T12:26:40.123456Z"));
        assert_eq!(value(&headers, "content-type"), Some("application/avro"));
        assert_eq!(value(&headers, "kalends-position"), Some("0:17"));
        assert_eq!(value(&headers, "kalends-journal"), Some("07070707070707070707070707070707"));
        assert_eq!(value(&headers, "traceparent"), None);
        assert!(headers.iter().all(|(name, _)| !name.starts_with("__connect")));
    }

    #[test]
    fn a_record_from_before_an_adoption_keeps_the_identity_that_its_journal_had() {
        let before = Record { journal: JournalId::new([6; 16]), ..record() };
        let headers = headers("kafka", JournalId::new([7; 16]), &schema(), &before);
        assert_eq!(value(&headers, "kalends-journal"), Some("06060606060606060606060606060606"));
    }

    #[test]
    fn a_trace_context_is_handed_on() {
        let traced = Record { traceparent: Some("00-a-b-01"), tracestate: Some("x=1"), ..record() };
        let headers = headers("kafka", JournalId::new([7; 16]), &schema(), &traced);
        assert_eq!(value(&headers, "traceparent"), Some("00-a-b-01"));
        assert_eq!(value(&headers, "tracestate"), Some("x=1"));
    }

    #[test]
    fn a_dead_letter_without_an_id_is_named_by_its_position_and_says_why_in_connects_words() {
        let dead = Record { event_id: None, dead_letter: Some(("invalid-json", "line 1")), ..record() };
        let headers = headers("kafka", JournalId::new([7; 16]), &schema(), &dead);
        assert_eq!(value(&headers, "ce_id"), Some("0:17"));
        assert_eq!(value(&headers, "__connect.errors.offset"), Some("17"));
        assert_eq!(value(&headers, "__connect.errors.connector.name"), Some("kafka"));
        assert_eq!(value(&headers, "__connect.errors.exception.class.name"), Some("invalid-json"));
        assert_eq!(value(&headers, "__connect.errors.exception.message"), Some("line 1"));
        assert_eq!(value(&headers, "__connect.errors.stage"), Some("VALUE_CONVERTER"));
    }
}
