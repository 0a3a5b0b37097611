//! Webhooks of the sender, made as a test wants them.

use serde_json::{Value, json};

/// 2026-01-01T00:00:00Z in microseconds since the Unix epoch: hour 0 of the tests.
pub(crate) const START: i64 = 1_767_225_600_000_000;

pub(crate) const HOUR: i64 = 3_600_000_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A webhook: its body, and when it was received.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) body: Vec<u8>,
    pub(crate) received_at: i64,
}

impl Event {
    /// A webhook of this type about a subscription, received at an hour of the tests.
    pub(crate) fn new(kind: &str, id: &str, received_at: i64, subscription: &Value) -> Self {
        let mut fields = subscription.clone();
        fields["calendarSubscriptionId"] = json!(id);
        let body = json!({
            "eventId": format!("{kind}-{id}-{received_at}"),
            "eventType": kind,
            "eventDetails": { "accountId": "a", "subscription": fields },
        });
        Self { body: serde_json::to_vec(&body).unwrap(), received_at }
    }
}

/// A Subscribe, created and received at these times.
pub(crate) fn subscribe(
    id: &str,
    created: i64,
    received_at: i64,
    email: &str,
    allowed: Option<bool>,
) -> Event {
    let details =
        json!({ "createdDateTimeUtc": time(created), "emailAddress": email, "isMarketingAllowed": allowed });
    Event::new("Subscribe", id, received_at, &details)
}

/// A change of details, received at this time.
pub(crate) fn update(id: &str, received_at: i64, email: &str, allowed: Option<bool>) -> Event {
    let details =
        json!({ "createdDateTimeUtc": time(START), "emailAddress": email, "isMarketingAllowed": allowed });
    Event::new("SubscriptionDetailsUpdated", id, received_at, &details)
}

/// An Unsubscribe, removed and received at these times.
pub(crate) fn unsubscribe(id: &str, removed: Option<i64>, received_at: i64) -> Event {
    let removed = removed.map(time);
    Event::new("Unsubscribe", id, received_at, &json!({ "removedDateTimeUtc": removed }))
}

/// An instant as the sender writes it.
pub(crate) fn time(micros: i64) -> String {
    let days = micros.div_euclid(DAY);
    let (year, month, day) = civil(days);
    let second = micros.rem_euclid(DAY) / 1_000_000;
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}.{:06}",
        second % 60,
        micros.rem_euclid(1_000_000)
    )
}

/// Year, month and day of a day since the Unix epoch (Hinnant's algorithm).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted_month + 2) / 5 + 1)
}
