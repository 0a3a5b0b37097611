use std::{collections::BTreeSet, ops::Range};

use kalends_normalise::Plan;

use crate::scan::decoder::{Content, DecodedEvent};

/// Which events a replay takes; each field narrows it.
#[derive(Debug, Clone)]
pub struct ReplayFilter {
    /// When they were received, in microseconds since the Unix epoch.
    pub received: Range<i64>,
    /// The last position that is looked at.
    pub through: u64,
    /// Their record types, by name; none named is all.
    pub types: Vec<String>,
    /// What their records are keyed by; none named is all.
    pub keys: Vec<String>,
    /// Only what is a dead letter now, or was one at these positions.
    pub dead_letters: Option<BTreeSet<u64>>,
    /// Whether the records come to where those of live delivery are, so that what repeats any event is passed over, and not
    /// only what repeats one that the replay takes.
    pub in_place: bool,
}

impl ReplayFilter {
    pub(crate) fn takes(&self, event: &DecodedEvent, plan: &Plan) -> bool {
        event.position <= self.through
            && self.received.contains(&event.received_at)
            && is_among(&self.types, name(event, plan))
            && (self.keys.is_empty() || is_among(&self.keys, &key(event)))
            && self.dead_letters.as_ref().is_none_or(|had| is_letter(event) || had.contains(&event.position))
    }
}

fn is_among(wanted: &[String], value: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == value)
}

fn is_letter(event: &DecodedEvent) -> bool {
    matches!(event.content, Content::DeadLetter { .. })
}

fn name<'a>(event: &DecodedEvent, plan: &'a Plan) -> &'a str {
    let record = match &event.content {
        Content::Event(content) => content.record,
        Content::DeadLetter { .. } => plan.dead_letter(),
    };
    plan.records().get(record).map_or("", |record| &record.name)
}

fn key(event: &DecodedEvent) -> String {
    match &event.content {
        Content::Event(content) => content.key().to_owned(),
        Content::DeadLetter { letter, .. } => {
            letter.event_id.clone().unwrap_or_else(|| event.position.to_string())
        }
    }
}
