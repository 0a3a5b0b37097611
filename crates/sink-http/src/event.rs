//! An event as this sink sees it.

use kalends_sink::{
    FieldValue, JournalId, Record, RowBuffer, RowError, RowPlan, RowSchemaError, Schema, latest_time,
    trusted_time,
};
use serde_json::{Map, Value};

/// Longest id of a subscription of which anything is remembered, in bytes.
const LONGEST_ID: usize = 200;

/// An event, read from its record.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) journal: JournalId,
    pub(crate) shard: u32,
    pub(crate) position: u64,
    /// The key by which events are ordered.
    pub(crate) key: String,
    /// The record type.
    pub(crate) record: String,
    /// The subscription that the event is about.
    pub(crate) subscription: Option<String>,
    /// The time of reception, in microseconds since the Unix epoch, as every time here.
    pub(crate) received_at: i64,
    /// The time of the event, as far as the sender's time can be trusted.
    pub(crate) time: i64,
    /// The time at which the subscription was made, as far as the event says so.
    pub(crate) created: Option<i64>,
    /// True where the event is of a forgotten person.
    pub(crate) is_forgotten: bool,
    /// The record.
    pub(crate) fields: Map<String, Value>,
}

impl Event {
    /// The event's name in the world: the same whenever it is sent.
    pub(crate) fn id(&self) -> String {
        format!("{}-{}-{}", self.journal, self.shard, self.position)
    }
}

/// The rules by which records of one stream become events.
#[derive(Debug)]
pub(crate) struct Reader {
    record: String,
    plan: RowPlan,
    subscription: Option<usize>,
    created: Option<usize>,
    times: Vec<usize>,
}

impl Reader {
    /// Reads records of this schema.
    pub(crate) fn new(schema: &Schema) -> Result<Self, RowSchemaError> {
        let plan = RowPlan::parse(&schema.json)?;
        let index = |name: &str| plan.index_of(name);
        let names: &[&str] = match schema.name.as_str() {
            "Subscribe" => &["created_date_time_utc", "confirmation_date_time_utc"],
            "Unsubscribe" => &["removed_date_time_utc"],
            _ => &[],
        };
        Ok(Self {
            record: schema.name.clone(),
            subscription: index("calendar_subscription_id"),
            created: index("created_date_time_utc"),
            times: names.iter().filter_map(|name| index(name)).collect(),
            plan,
        })
    }

    /// The event of a record.
    pub(crate) fn read(&self, record: &Record<'_>, buffer: &mut RowBuffer) -> Result<Event, RowError> {
        let row = buffer.read(&self.plan, record.datum)?;
        let instant = |index: usize| match row.get(index)? {
            FieldValue::Instant(at) => Ok(at.micros()),
            _ => Ok(None),
        };
        let times = self.times.iter().map(|index| instant(*index)).collect::<Result<Vec<_>, RowError>>()?;
        let created = self.created.map(instant).transpose()?.flatten();
        let subscription = match self.subscription.map(|index| row.get(index)).transpose()? {
            Some(FieldValue::Text(id)) => subscription_id(id),
            _ => None,
        };
        let names = self.plan.fields().iter().map(|field| field.name.clone());
        let values = row.values().map(|value| value.map(crate::json::value));
        let fields = names.zip(values).map(|(name, value)| Ok((name, value?)));
        Ok(Event {
            journal: record.journal,
            shard: record.shard,
            position: record.position,
            key: record.key.to_owned(),
            record: self.record.clone(),
            subscription,
            received_at: record.received_at,
            time: latest_time(&times, record.received_at).0,
            created: created.and_then(|at| trusted_time(at, record.received_at)),
            is_forgotten: record.is_forgotten,
            fields: fields.collect::<Result<_, RowError>>()?,
        })
    }
}

/// The one spelling of a subscription's id: UUIDs in lower case. `None` for one that nothing is remembered of.
fn subscription_id(id: &str) -> Option<String> {
    let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let id = if is_uuid { id.to_ascii_lowercase() } else { id.to_owned() };
    Some(id).filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An event with these fields.
    pub(crate) fn event(record: &str, fields: Value) -> Event {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        Event {
            journal: JournalId::new([1; 16]),
            shard: 0,
            position: 7,
            key: "key".to_owned(),
            record: record.to_owned(),
            subscription: None,
            received_at: 1_600_000_000_000_000,
            time: 1_600_000_000_000_000,
            created: None,
            is_forgotten: false,
            fields,
        }
    }

    #[test]
    fn ids_of_subscriptions_have_one_spelling() {
        let upper = "27B2A8D4-0FC5-4A7F-BFB1-1E47A9C7A9C7";
        assert_eq!(subscription_id(upper).as_deref(), Some(upper.to_ascii_lowercase().as_str()));
        assert_eq!(subscription_id("Ab").as_deref(), Some("Ab"));
        assert_eq!(subscription_id(&"a".repeat(201)), None);
        assert_eq!(subscription_id(""), None);
    }
}
