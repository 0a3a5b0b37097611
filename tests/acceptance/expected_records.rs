//! What the sender's documented payloads must become, worked out by hand from its reference.

use std::collections::BTreeMap;

use kalends_tests::Record;
use serde_json::{Value, json};

/// Fields that differ from run to run; every record has them.
pub(crate) const BY_RUN: [&str; 4] = ["received_at", "journal_id", "journal_shard", "journal_position"];

/// Every topic that a Kafka sink has unless it is told otherwise.
pub(crate) fn topics() -> [String; 10] {
    let suffixes = [
        "subscribe",
        "unsubscribe",
        "subscription-details-updated",
        "subscription-event-added",
        "subscription-event-updated",
        "subscription-event-removed",
        "subscription-event-deleted",
        "test",
        "unknown",
        "dead-letter",
    ];
    suffixes.map(|suffix| format!("rokt.calendar.{suffix}"))
}

/// A record's fields that are not null, without those that differ from run to run.
pub(crate) fn lasting(record: &Record) -> BTreeMap<String, Value> {
    let mut fields = record.present();
    for name in BY_RUN {
        assert!(fields.remove(name).is_some(), "{name} is never null: {record:?}");
    }
    fields
}

/// All fields that are not null in the record of a sample.
pub(crate) fn of_sample(name: &str) -> BTreeMap<String, Value> {
    let mut all = json!({
        "event_id": "0f1d5918-052d-4915-89a7-8cc9c4d33492",
        "endpoint": "main",
        "action_type": "SubscriptionViaCalendarPage",
        "account_id": "0b98ef2c-f739-45f1-81e3-b2def2bb868f",
        "account_name": "Your Account",
        "account_code": "your-account",
    });
    let parts = match name {
        "subscribe" => vec![json!({"event_type": "Subscribe"}), subscription(), details()],
        "subscription-details-updated" => vec![
            json!({"event_type": "SubscriptionDetailsUpdated", "extra_fields": r#"{"/eventType":"SubscriptionDetailsUpdate"}"#}),
            subscription(),
            details(),
        ],
        "unsubscribe" => vec![removed()],
        "subscription-event-added" => {
            vec![json!({"event_type": "SubscriptionEventAdded"}), subscription(), subscription_event()]
        }
        "subscription-event-updated" => {
            vec![json!({"event_type": "SubscriptionEventUpdated"}), subscription_event()]
        }
        "subscription-event-removed" => vec![
            json!({"event_type": "SubscriptionEventRemoved", "subscription_event_id": "391756"}),
            subscription(),
        ],
        "subscription-event-deleted" => vec![json!({
            "event_type": "SubscriptionEventDeleted",
            "subscription_event_id": "391756",
            "extra_fields": r#"{"/eventType":"SubscriptionEventRemoved"}"#,
        })],
        other => panic!("no expectation for {other}"),
    };
    for part in parts {
        all.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    all.as_object().unwrap().clone().into_iter().collect()
}

fn subscription() -> Value {
    json!({
        "calendar_subscription_id": "0f1d5918-052d-4915-89a7-8cc9c4d33492",
        "calendar_id": "4a2d4acb-bd05-e511-af43-067f1c947754",
        "calendar_title": "My Sports Calendar",
        "calendar_code": "my-sports-calendar",
        "subscription_method": "Google",
    })
}

fn details() -> Value {
    json!({
        "calendar_tag_ids": ["6513319e-d3e1-4497-89ee-b5dcee9a58bc"],
        "calendar_tag_texts": ["Team G"],
        "time_zone_windows_name": "Eastern Standard Time",
        "time_zone_iana_id": "America/New_York",
        "created_date_time_utc": 1_489_549_704_822_i64,
        "email_address": "john.smith@gmail.com",
        "additional_opt_in": false,
        "is_marketing_allowed": true,
        "remote_ip_address": "150.101.114.215",
        "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_3) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/56.0.2924.87 Safari/537.36",
        "referrer": "http://google.com/",
        "entered_post_code": "90210",
        "cable_provider": "DIRECTV",
        "cable_provider_location": "New York",
        "country_code": "US",
        "geo_country": "United States",
        "device_name": "Desktop",
        "utm_source": "Facebook",
        "utm_medium": "Display",
        "utm_campaign": "2017",
        "utm_content": "Mobile_320x50",
        "source": "youraccount.roktcalendar.com",
    })
}

fn removed() -> Value {
    json!({
        "event_type": "Unsubscribe",
        "removed_date_time_utc": 1_588_727_929_755_i64,
        "unsubscribe_reason_text": "The event has come to an end",
        "remote_ip_address": "54.241.167.141",
        "country_code": "US",
        "geo_country": "United States",
        "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/81.0.4044.129 Safari/537.36",
        "device_name": "Desktop",
        "calendar_subscription_id": "7ae10174-37fb-4448-8f61-2f86f167009e",
        "calendar_id": "f9ddd95e-676d-ea11-aa56-067315f8d3af",
        "calendar_title": "Your calendar",
        "calendar_code": "your-calendar",
        "subscription_method": "Google",
    })
}

fn subscription_event() -> Value {
    json!({
        "subscription_event_id": "391756",
        "subscription_event_title": "Coheed and Cambria CHON",
        "subscription_event_location": "The Bomb Factory 2713 Canton Street, Dallas, TX 75226",
        "subscription_event_description": "AEG presents Coheed and Cambria CHON live at the The Bomb Factory",
        "subscription_event_time_zone_windows_name": "Central Standard Time",
        "subscription_event_time_zone_iana_id": "America/Chicago",
        "subscription_event_start_date_time": "2020-05-09T20:00:00",
        "subscription_event_start_date_time_utc": 1_589_072_400_000_i64,
        "subscription_event_end_date_time": "2020-05-09T21:30:00",
        "subscription_event_end_date_time_utc": 1_589_077_800_000_i64,
        "subscription_event_reminder_minutes": 2880,
        "subscription_event_created_date_time_utc": 1_588_639_251_787_i64,
        "subscription_event_last_updated_date_time_utc": 1_588_639_251_787_i64,
    })
}
