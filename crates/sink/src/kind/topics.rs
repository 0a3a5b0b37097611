use std::collections::BTreeMap;

use kalends_value::{Misfit, Path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RecordName, Scope};

const MAX_TOPIC: usize = 249;

/// The rule for a topic's name.
pub const TOPIC_RULE: &str =
    "a topic's name consists of letters, digits, `.`, `_` and `-`, at most 249, and does not begin with `.`";

/// Whether Kafka would take the name; as a folder's it is neither hidden nor a way out.
#[must_use]
pub fn is_topic(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_TOPIC).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('.')
}

/// Names of the topics.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Topics {
    /// What stands before the event type's own part of the name. Default `rokt.calendar.`. Since 0.1.
    pub prefix: String,
    /// Whole names of single topics by event type, such as `{ Subscribe: crm.signups }`. Default: none. Since 0.1.
    pub names: BTreeMap<String, String>,
}

impl Default for Topics {
    fn default() -> Self {
        Self { prefix: "rokt.calendar.".into(), names: BTreeMap::new() }
    }
}

impl Topics {
    /// The topic of a record type.
    #[must_use]
    pub fn topic(&self, record: &RecordName) -> String {
        let named = self.names.get(&record.name).cloned();
        named.unwrap_or_else(|| format!("{}{}", self.prefix, record.topic_suffix))
    }

    /// Brings the event types to their own spelling, and finds what is wrong: in every sink each record type needs a topic of its
    /// own, because a topic has records of one type. The paths begin at the topics.
    pub fn check(&mut self, scope: &Scope<'_>) -> Vec<Misfit> {
        let names = Path::keys(&["names"]);
        let mut misfits = Vec::new();
        for (word, topic) in std::mem::take(&mut self.names) {
            match scope.spelling(&word) {
                Ok(known) => drop(self.names.insert(known, topic)),
                Err(message) => misfits.push((names.key(&word), message)),
            }
        }
        if !self.prefix.is_empty() && !is_topic(&self.prefix) {
            misfits.push((Path::keys(&["prefix"]), TOPIC_RULE.into()));
        }
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (event_type, topic) in &self.names {
            let at = names.key(event_type);
            if !is_topic(topic) {
                misfits.push((at, TOPIC_RULE.into()));
            } else if let Some(other) = seen.insert(topic, event_type) {
                misfits.push((at, format!("this is the topic of {other}; a topic has records of one type")));
            }
        }
        misfits.extend(scope.records.into_iter().flat_map(|records| self.check_records(records)));
        misfits
    }

    fn check_records(&self, records: &[RecordName]) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for record in records {
            let topic = self.topic(record);
            let is_made = !self.names.contains_key(&record.name);
            if is_made && !is_topic(&topic) && (self.prefix.is_empty() || is_topic(&self.prefix)) {
                let message = format!("{} would have the topic `{topic}`; {TOPIC_RULE}", record.name);
                misfits.push((Path::keys(&["prefix"]), message));
            }
            let Some(other) = seen.insert(topic, &record.name) else { continue };
            // Of two with names of their own the clash of names is told already.
            let is_named = |name: &&str| self.names.contains_key(*name);
            let named: Vec<&str> = [other, record.name.as_str()].into_iter().filter(is_named).collect();
            if let [one] = named.as_slice() {
                let holder = if *one == other { &record.name } else { other };
                let message = format!("this is the topic of {holder}; a topic has records of one type");
                misfits.push((Path::keys(&["names", one]), message));
            }
        }
        misfits
    }
}
