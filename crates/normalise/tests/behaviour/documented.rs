//! `docs/reference/fields.md`: every field that the sender documents, and where it lands in each record, found by trying.

use std::{fmt::Write as _, fs};

use kalends_normalise::Value;
use serde_json::{Value as Json, json};

use crate::{event, matrix, plan, written};

const TYPES: [&str; 9] = [
    "Subscribe",
    "Unsubscribe",
    "SubscriptionDetailsUpdated",
    "SubscriptionEventAdded",
    "SubscriptionEventUpdated",
    "SubscriptionEventRemoved",
    "SubscriptionEventDeleted",
    "Test",
    "any other type",
];

/// Place of each field by the reference, in its order, and a value that nothing else in the body has.
fn fields() -> Vec<(String, Json)> {
    let root = [
        ("actionType", json!("value-1")),
        ("accountId", json!("value-2")),
        ("accountName", json!("value-3")),
        ("accountCode", json!("value-4")),
        ("calendarSubscriptionId", json!("value-5")),
    ];
    let texts = [
        "calendarSubscriptionId",
        "calendarId",
        "calendarTitle",
        "calendarCode",
        "subscriptionMethod",
        "calendarTags/0/tagId",
        "calendarTags/0/tagText",
        "timeZoneTag/windowsName",
        "subscriberExternalId",
        "emailAddress",
        "enteredPostCode",
        "cableProvider",
        "cableProviderLocation",
        "remoteIpAddress",
        "userAgent",
        "referrer",
        "referer",
        "countryCode",
        "geoCountry",
        "source",
        "deviceName",
        "utmSource",
        "utmMedium",
        "utmCampaign",
        "utmContent",
        "unsubscribeReasonText",
    ];
    let truths = ["additionalOptIn", "isMarketingAllowed"];
    let instants = ["createdDateTimeUtc", "confirmationDateTimeUtc", "removedDateTimeUtc"];
    let event_texts = ["eventId", "title", "description", "location", "timezoneBclId", "timezoneIanaId"];
    let event_times = [
        "startDateTimeUtc",
        "startDateTime",
        "endDateTime",
        "createdDateTimeUtc",
        "lastUpdateDateTimeUtc",
        "lastUpdatedDateTimeUtc",
    ];
    let under = |parent: &'static str, names: &[&'static str], value: Json| -> Vec<(String, Json)> {
        names.iter().map(|name| (format!("/eventDetails/{parent}{name}"), value.clone())).collect()
    };
    let mut fields = vec![("/eventId".to_owned(), json!("value-6"))];
    fields.extend(root.map(|(name, value)| (format!("/eventDetails/{name}"), value)));
    fields.extend(under("subscription/", &texts, json!("value-7")));
    fields.extend(under("subscription/", &truths, json!(true)));
    fields.extend(under("subscription/", &instants, json!("2031-07-08 09:10:11.123456")));
    fields.extend(under("subscriptionEvent/", &event_texts, json!("value-8")));
    fields.extend(under("subscriptionEvent/", &["reminderMinutes"], json!(2_880)));
    fields.extend(under("subscriptionEvent/", &event_times, json!("2031-07-08 09:10:11.123456")));
    fields
}

/// The name that stands in a body of the type.
fn sent_type(event_type: &str) -> &str {
    if TYPES.last() == Some(&event_type) { "SubscriptionPaused" } else { event_type }
}

/// An event that has this field and, beside what every event has, nothing else.
fn body(event_type: &str, pointer: &str, value: &Json) -> Json {
    let event_type = sent_type(event_type);
    let mut body = json!({ "eventId": "event-id", "eventType": event_type, "eventDetails": {} });
    let mut place = &mut body;
    for key in pointer.split('/').skip(1) {
        place = if key == "0" {
            *place = json!([{}]);
            &mut place[0]
        } else {
            &mut place[key]
        };
    }
    *place = value.clone();
    // Without any subscription a removed entry is a deleted one.
    if event_type == "SubscriptionEventRemoved" && body["eventDetails"].get("subscription").is_none() {
        body["eventDetails"]["subscription"] = json!({});
    }
    body
}

/// The fields of the record that differ from those of an event without the payload's field.
fn landed(event_type: &str, pointer: &str, value: &Json) -> String {
    let with = event(body(event_type, pointer, value).to_string());
    let nothing = if pointer == "/eventId" { json!("event-id") } else { Json::Null };
    let without = event(body(event_type, pointer, &nothing).to_string());
    assert_eq!(with.record, without.record, "{event_type} {pointer}");
    let plan = plan();
    let record = &plan.records()[with.record];
    let names: Vec<&str> = record
        .fields
        .iter()
        .zip(with.values().zip(without.values()))
        .filter(|(_, (with, without))| with != without)
        .map(|(field, (with, _))| {
            assert!(holds(&with, value), "{event_type} {pointer}: {} is {with:?}", field.name);
            field.name.as_str()
        })
        .collect();
    assert!(!names.is_empty(), "{pointer} of {event_type} lands nowhere");
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Returns whether the value, or the text of it, is in the record's.
fn holds(found: &Value<'_>, value: &Json) -> bool {
    match found {
        Value::Boolean(truth) => value == truth,
        Value::Int(number) => value == number,
        Value::Millis(millis) => {
            *millis == 1_941_268_211_123 && value.as_str().is_some_and(|text| text.starts_with("2031"))
        }
        Value::Texts(texts) => texts.iter().any(|text| value == &**text),
        Value::Text(text) if value.as_str().is_some_and(|value| value.starts_with("2031")) => {
            text.contains("2031-07-08T09:10:11.123456") || text.contains("2031-07-08 09:10:11.123456")
        }
        Value::Text(text) => text.contains(&value.to_string().replace('"', "")),
        _ => false,
    }
}

/// The field that holds the type itself.
fn kept_type(event_type: &str) -> &'static str {
    let body =
        json!({ "eventId": "e", "eventType": sent_type(event_type), "eventDetails": { "subscription": {} } });
    assert_eq!(event(body.to_string()).to_json()["event_type"], sent_type(event_type));
    "`event_type`"
}

fn page() -> String {
    let mut page = "\
# Where every documented field lands

Each row is a field of the sender's payload reference, each column an event type; a cell names the fields of the record that
hold the value. `extra_fields` holds, as JSON by its place, what the record has no field for; `event_details` holds the whole
of the event's details. This page is made by sending an event of each type with nothing but that field, and looking for the
value in the record: don't edit it, but run `KALENDS_BLESS=1 cargo test -p kalends-normalise` after a change. What each field
of a record means stands in [schemas.md](schemas.md).

Where the record is of another type than was sent, `extra_fields` holds the `eventType` that was sent. Of `referrer` and `lastUpdateDateTimeUtc` the reference
and its samples spell the names in two ways: both are here.

"
    .to_owned();
    writeln!(page, "| payload field | {} |", TYPES.join(" | ")).unwrap();
    writeln!(page, "|---|{}", "---|".repeat(TYPES.len())).unwrap();
    let kept = TYPES.map(kept_type);
    writeln!(page, "| `/eventType` | {} |", kept.join(" | ")).unwrap();
    for (pointer, value) in fields() {
        let cells: Vec<String> =
            TYPES.iter().map(|event_type| landed(event_type, &pointer, &value)).collect();
        writeln!(page, "| `{}` | {} |", pointer.replace("/0/", "/*/"), cells.join(" | ")).unwrap();
    }
    page.push_str(MATRIX);
    page.push_str(&matrix::table());
    page
}

const MATRIX: &str = "
## Cases

How many bodies are tried for each field of the records, over all records that have it, by what stands in the body: the value as documented,
null, nothing, a value of another type or out of range, the key in other case, under its second name or at its second place, both, and twice. What
must become of each stands in [values.md](values.md). *One name*: the case does not apply, for the field has no second name. *In no body*: it does not
apply, for the value comes from elsewhere; what is counted there is a body that has a key of the field's name, or of what it derives from.
Fields of DeadLetter are not here: that record says why a body is no event, and never reads it.

";

#[test]
fn every_documented_field_of_every_event_lands_in_its_record() {
    written::matches("reference/fields.md", &page());
}

#[test]
fn every_key_of_the_senders_samples_has_a_row() {
    let rows: Vec<String> = fields().into_iter().map(|(pointer, _)| pointer + "/").collect();
    let is_there =
        |key: &str| rows.iter().any(|row| row.to_lowercase().contains(&format!("/{}/", key.to_lowercase())));
    for sample in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/samples")).unwrap()
    {
        let sample = fs::read_to_string(sample.unwrap().path()).unwrap();
        let keys = sample.split("\":").filter_map(|before| before.rsplit_once('"')).map(|(_, key)| key);
        for key in keys.filter(|key| key.chars().all(char::is_alphabetic) && *key != "eventType") {
            assert!(is_there(key), "{key}");
        }
    }
}
