//! Webhooks made up for tests.

/// Number of different subscriptions in made-up webhooks: few, so that each of them has an order to keep.
const SUBSCRIPTIONS: u64 = 50;

/// A strict webhook with this event id. The number chooses its type, its subscription and its text.
#[must_use]
pub fn webhook(event_id: &str, number: u64) -> String {
    let subscription = format!("subscription-{:02}", number % SUBSCRIPTIONS);
    let (event_type, details) = match number % 3 {
        0 => ("Subscribe", r#""emailAddress":"somebody@example.org","isMarketingAllowed":true"#),
        1 => ("Unsubscribe", r#""unsubscribeReasonText":"The event has come to an end""#),
        _ => ("SubscriptionDetailsUpdated", r#""countryCode":"US","deviceName":"Desktop""#),
    };
    format!(
        r#"{{"eventId":"{event_id}","eventType":"{event_type}","eventDetails":{{"actionType":"SubscriptionViaCalendarPage","accountId":"0b98ef2c-f739-45f1-81e3-b2def2bb868f","accountName":"Your Account","accountCode":"your-account","subscription":{{"calendarSubscriptionId":"{subscription}","calendarId":"4a2d4acb-bd05-e511-af43-067f1c947754","calendarTitle":"Calendar {number}","calendarCode":"my-sports-calendar","subscriptionMethod":"Google",{details}}}}}}}"#
    )
}

/// So many bytes of text, a multiple of 16, that no compression can shorten much.
#[must_use]
pub fn noise(bytes: u64) -> String {
    (0..bytes / 16)
        .map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect::<Vec<_>>()
        .concat()
}
