use std::borrow::Cow;

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
    let place = format!("{}:{}", record.shard, record.position);
    let id = record.event_id.map_or_else(|| Cow::from(place.clone()), Cow::from);
    let mut headers = vec![
        ("ce_specversion", Cow::from("1.0")),
        ("ce_id", id),
        ("ce_type", format!("rokt.calendar.{}", schema.name).into()),
        ("ce_source", format!("/kalends/{}", record.endpoint).into()),
        ("ce_time", rfc3339(record.received_at).into()),
        ("ce_dataschema", format!("urn:avro:{}:{:016x}", schema.full_name, schema.fingerprint).into()),
        ("content-type", "application/avro".into()),
        ("kalends-position", place.into()),
        ("kalends-journal", journal.to_string().into()),
    ];
    headers.extend(record.traceparent.map(|traceparent| ("traceparent", traceparent.into())));
    if let Some((reason, message)) = record.dead_letter {
        headers.extend(connect_errors(sink, record, reason, message));
    }
    headers
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
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |instant| instant.to_string())
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
            position: 17,
            shard: 0,
            received_at: 1_600_000_000_123_456,
            endpoint: "main",
            event_id: Some("e-1"),
            traceparent: None,
            dead_letter: None,
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
