use crate::table::{SqlType, Table};

/// The table that has a row for each subscription.
pub(crate) const TABLE: &str = "subscription_state";

/// Columns ahead of the details, with what is said of each.
pub(crate) const HEAD: [(&str, SqlType, &str); 10] = [
    ("calendar_subscription_id", SqlType::Text, "The subscription: its id, in lower case when a UUID."),
    (
        "subscribed_at",
        SqlType::Timestamptz,
        "The latest time that a Subscribe names as created or confirmed.",
    ),
    ("subscribe_received_at", SqlType::Timestamptz, "When the latest Subscribe was received."),
    ("unsubscribed_at", SqlType::Timestamptz, "The latest time that an Unsubscribe names as removed."),
    ("marketing_denied_at", SqlType::Timestamptz, "The latest time of details that do not allow marketing."),
    ("details_at", SqlType::Timestamptz, "The time of the details in this row, which are the newest known."),
    (
        "details_from_update",
        SqlType::Boolean,
        "Whether the details are those of a SubscriptionDetailsUpdated.",
    ),
    ("details_journal_id", SqlType::Text, "Journal of the event that the details are from."),
    ("details_journal_shard", SqlType::Integer, "Shard of that journal."),
    ("details_journal_position", SqlType::BigInt, "Position in that shard."),
];

/// Fields that tell of an event rather than of the subscriber.
const OF_EVENTS: [&str; 10] = [
    "event_id",
    "event_type",
    "action_type",
    "calendar_subscription_id",
    "endpoint",
    "received_at",
    "journal_id",
    "journal_shard",
    "journal_position",
    "extra_fields",
];

/// One column of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) name: String,
    pub(crate) sql: SqlType,
    pub(crate) doc: String,
}

/// The columns of the state.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The details, which are taken from one event as a whole.
    pub(crate) details: Vec<Detail>,
}

impl Layout {
    /// The details are what `Subscribe` and `SubscriptionDetailsUpdated` both tell of a subscriber, fields of own schemas
    /// too. `None` when none of the tables has subscriptions.
    pub(crate) fn new(tables: &[Table]) -> Option<Self> {
        let of = |record: &str| tables.iter().find(|table| table.record == record);
        let (subscribe, update) = (of("Subscribe"), of("SubscriptionDetailsUpdated"));
        let first = subscribe.or(update)?;
        let in_both = |name: &str| update.is_none_or(|update| update.plan.index_of(name).is_some());
        let fields = first.plan.fields().iter().zip(&first.types);
        let details = fields
            .filter(|(field, _)| !OF_EVENTS.contains(&field.name.as_str()) && in_both(&field.name))
            .map(|(field, sql)| Detail {
                name: field.name.clone(),
                sql: *sql,
                doc: field.doc.clone().unwrap_or_default(),
            });
        Some(Self { details: details.collect() })
    }

    /// Every column with its type.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, SqlType, &str)> {
        let details =
            self.details.iter().map(|detail| (detail.name.as_str(), detail.sql, detail.doc.as_str()));
        HEAD.iter().copied().chain(details)
    }
}
