//! Notes on topics that take records.

use crate::{
    Settings,
    config::{is_uncompressed, max_message_bytes},
    topics::Limits,
};

/// Most bytes of a record beyond its body when nothing is compressed: names, derived fields and headers.
const MAX_OVERHEAD: u64 = 8 << 10;

/// One note for each thing that an operator may not expect. `max_body` is the size in bytes of the largest body.
pub(super) fn notes(settings: &Settings, limits: &[Limits], max_body: u64) -> Vec<String> {
    let records: Vec<&Limits> =
        limits.iter().filter(|topic| topic.name != settings.checkpoint_topic).collect();
    let notes = [
        overwritten_times(&records),
        sizes(settings, &records, max_body),
        other_retention(settings, &records),
    ];
    notes.into_iter().flatten().collect()
}

fn overwritten_times(records: &[&Limits]) -> Option<String> {
    let topics = names(records.iter().filter(|topic| topic.overwrites_times()))?;
    Some(format!(
        "records on {topics} get the time when they are written, and not when their webhooks were received: to have that, set \
         message.timestamp.type=CreateTime on the topic"
    ))
}

/// The record made of a body is hardly ever larger than the body once it is compressed.
fn sizes(settings: &Settings, records: &[&Limits], max_body: u64) -> Option<String> {
    let plain = is_uncompressed(settings) || records.iter().any(|topic| topic.is_uncompressed());
    let client = max_message_bytes(settings);
    let takes =
        records.iter().filter_map(|topic| topic.max_message_bytes).min().unwrap_or(client).min(client);
    let mend = "to have them raise message.max.bytes under `properties` and max.message.bytes of the topics";
    if takes < max_body {
        return Some(format!(
            "messages of up to {takes} bytes are taken, and a body may have {max_body} (listen.max_body): larger ones become dead \
             letters, whose bodies stay in the journal; {mend}"
        ));
    }
    (plain && takes < max_body.saturating_add(MAX_OVERHEAD)).then(|| {
        format!(
            "records are not compressed, and messages of up to {takes} bytes are taken: a body of more than about {} bytes (up to \
             {max_body}, listen.max_body) becomes a dead letter, whose body stays in the journal; {mend}, or compress \
             (compression.type)",
            takes.saturating_sub(MAX_OVERHEAD)
        )
    })
}

fn other_retention(settings: &Settings, records: &[&Limits]) -> Option<String> {
    let wanted = settings.retention?;
    let topics = names(records.iter().filter(|topic| topic.has_other_retention(wanted)))?;
    Some(format!(
        "`retention` is only for topics that kalends creates; {topics} keep records for another time: kafka-configs.sh \
         --bootstrap-server {} --alter --topic TOPIC --add-config retention.ms={}",
        settings.brokers,
        wanted.as_millis()
    ))
}

fn names<'a>(topics: impl Iterator<Item = &'a &'a Limits>) -> Option<String> {
    let names: Vec<&str> = topics.map(|topic| topic.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
