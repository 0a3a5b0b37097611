//! Webhooks of the sender, made as a test wants them.

use jiff::{SignedDuration, civil::DateTime};
use serde_json::{Value, json};

/// 2026-01-01T00:00:00Z in microseconds since the Unix epoch: hour 0 of the tests.
pub const START: i64 = 1_767_225_600_000_000;

/// A minute in microseconds.
pub const MINUTE: i64 = 60_000_000;
/// An hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// A webhook: its body, and when it was received.
#[derive(Debug, Clone)]
pub struct Event {
    /// The body.
    pub body: Vec<u8>,
    /// The time of reception, in microseconds since the Unix epoch.
    pub received_at: i64,
}

impl Event {
    /// A webhook of this type about a subscription, received at an hour of the tests.
    ///
    /// # Panics
    /// The subscription is no JSON object.
    #[must_use]
    pub fn new(kind: &str, id: &str, received_at: i64, subscription: &Value) -> Self {
        let mut fields = subscription.clone();
        fields["calendarSubscriptionId"] = json!(id);
        let body = json!({
            "eventId": format!("{kind}-{id}-{received_at}"),
            "eventType": kind,
            "eventDetails": { "accountId": "a", "subscription": fields },
        });
        Self { body: serde_json::to_vec(&body).unwrap(), received_at }
    }

    /// A webhook with this body, received at hour 0.
    pub fn raw(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), received_at: START }
    }
}

/// A Subscribe, created and received at these times.
#[must_use]
pub fn subscribe(id: &str, created: i64, received_at: i64, email: &str, allowed: Option<bool>) -> Event {
    let details =
        json!({ "createdDateTimeUtc": time(created), "emailAddress": email, "isMarketingAllowed": allowed });
    Event::new("Subscribe", id, received_at, &details)
}

/// A change of details, received at this time.
#[must_use]
pub fn update(id: &str, received_at: i64, email: &str, allowed: Option<bool>) -> Event {
    let details =
        json!({ "createdDateTimeUtc": time(START), "emailAddress": email, "isMarketingAllowed": allowed });
    Event::new("SubscriptionDetailsUpdated", id, received_at, &details)
}

/// An Unsubscribe, removed and received at these times.
#[must_use]
pub fn unsubscribe(id: &str, removed: Option<i64>, received_at: i64) -> Event {
    let removed = removed.map(time);
    Event::new("Unsubscribe", id, received_at, &json!({ "removedDateTimeUtc": removed }))
}

/// An instant in microseconds since the Unix epoch as the sender writes it.
///
/// # Panics
/// No calendar has it.
#[must_use]
pub fn time(micros: i64) -> String {
    const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let time = EPOCH.checked_add(SignedDuration::from_micros(micros)).unwrap();
    time.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}
