//! Every leaf of a body is found in its record: in a field, in `event_details` or in `extra_fields`.

use kalends_normalise::{Outcome, Value};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::{event, normalise};

const TYPES: [&str; 11] = [
    "Subscribe",
    "Unsubscribe",
    "SubscriptionDetailsUpdated",
    "SubscriptionDetailsUpdate",
    "SubscriptionEventAdded",
    "SubscriptionEventUpdated",
    "SubscriptionEventRemoved",
    "SubscriptionEventDeleted",
    "subscribe",
    "Test",
    "Else",
];
const KEYS: [&str; 24] = [
    "actionType",
    "accountId",
    "AccountId",
    "calendarSubscriptionId",
    "subscription",
    "Subscription",
    "subscriptionEvent",
    "calendarTags",
    "CALENDARTAGS",
    "tagId",
    "tagText",
    "timeZoneTag",
    "windowsName",
    "referer",
    "referrer",
    "isMarketingAllowed",
    "createdDateTimeUtc",
    "eventId",
    "reminderMinutes",
    "startDateTime",
    "endDateTime",
    "timezoneBclId",
    "nobody's",
    "a/b~c",
];

fn leaf() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => Just(json!("text")),
        2 => Just(json!(1)),
        1 => Just(json!("2020-11-01 01:30:00.125")),
        1 => Just(json!("Central Standard Time")),
        1 => any::<bool>().prop_map(Json::from),
        1 => Just(Json::Null),
        1 => Just(json!("")),
    ]
}

fn tree() -> impl Strategy<Value = Json> {
    let object = |inner| proptest::collection::vec((proptest::sample::select(&KEYS[..]), inner), 0..9);
    leaf().prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            3 => object(inner.clone()).prop_map(|members| {
                members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>().into()
            }),
            1 => proptest::collection::vec(inner, 0..4).prop_map(Json::from),
        ]
    })
}

/// A body that is an event, or nearly.
pub(crate) fn body() -> impl Strategy<Value = Json> {
    (
        proptest::sample::select(&TYPES[..]),
        proptest::collection::vec((proptest::sample::select(&KEYS[..]), tree()), 0..12),
    )
        .prop_map(|(event_type, details)| {
            let details: Map<_, _> =
                details.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            let mut body =
                json!({ "eventId": "text", "eventType": event_type, "eventDetails": details, "rest": 1 });
            let mut count = 0;
            mark(&mut body["eventDetails"], &mut count);
            body
        })
}

/// Makes every text and number one of its kind.
fn mark(value: &mut Json, count: &mut u32) {
    *count += 1;
    match value {
        Json::String(text) if text == "text" => *text = format!("leaf-{count}."),
        Json::Number(number) => *number = (1_000_000 + *count).into(),
        Json::Array(items) => items.iter_mut().for_each(|item| mark(item, count)),
        Json::Object(members) => members.values_mut().for_each(|member| mark(member, count)),
        _ => {}
    }
}

fn marks(value: &Json, out: &mut Vec<String>) {
    match value {
        Json::String(text) if text.starts_with("leaf-") => out.push(text.clone()),
        Json::Number(number) => out.push(number.to_string()),
        Json::Array(items) => items.iter().for_each(|item| marks(item, out)),
        Json::Object(members) => members.values().for_each(|member| marks(member, out)),
        _ => {}
    }
}

fn said(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.into_owned(),
        Value::Int(value) => value.to_string(),
        Value::Texts(texts) => texts.join("\n"),
        _ => String::new(),
    }
}

proptest! {
    #[test]
    fn every_leaf_is_found_in_the_record(body in body()) {
        let Outcome::Event(event) = normalise(body.to_string()) else { panic!("{body}") };
        let all: Vec<String> = event.values().map(said).collect();
        let all = all.join("\n");
        let mut want = Vec::new();
        marks(&body["eventDetails"], &mut want);
        for leaf in want {
            prop_assert!(all.contains(&leaf), "{leaf} of {body} is lost: {all}");
        }
    }

    #[test]
    fn extra_fields_is_json(body in body()) {
        let Outcome::Event(event) = normalise(body.to_string()) else { panic!("{body}") };
        let record = event.to_json();
        if let Some(extra) = record["extra_fields"].as_str() {
            let extra: Map<String, Json> = serde_json::from_str(extra).unwrap();
            for (pointer, value) in extra {
                prop_assert_eq!(body.pointer(&pointer), Some(&value));
            }
        }
    }
}

/// One by one, they would be many times the body.
#[test]
fn an_array_of_many_odd_tags_is_kept_as_a_whole_and_its_good_ones_still_count() {
    let tags = |odd: usize| format!(r#"[{{"tagId":"t","tagText":"x","more":1}},{}2]"#, "1,".repeat(odd - 1));
    let record = |tags: &str| {
        let body = format!(
            r#"{{"eventId":"e","eventType":"Subscribe","eventDetails":{{"new":3,"subscription":{{"calendarTags":{tags}}}}}}}"#
        );
        let event = event(body);
        let record = event.to_json();
        assert_eq!(
            (&record["calendar_tag_ids"], &record["calendar_tag_texts"]),
            (&json!(["t"]), &json!(["x"]))
        );
        serde_json::from_str::<Json>(record["extra_fields"].as_str().unwrap()).unwrap()
    };
    let (few, many) = (tags(256), tags(257));
    assert_eq!(record(&few).as_object().unwrap().len(), 258);
    let tags: Json = serde_json::from_str(&many).unwrap();
    assert_eq!(
        record(&many),
        json!({ "/eventDetails/new": 3, "/eventDetails/subscription/calendarTags": tags })
    );
}

/// Readers of JSON that keep one member of a name see the last; the text has them all.
#[test]
fn keys_that_come_again_and_again_are_all_kept_in_order() {
    let body = r#"{"eventId":"e","eventType":"Subscribe","eventDetails":{"new":1,"accountId":"a","new":[2],"accountId":"b","accountId":"c"}}"#;
    let record = event(body).to_json();
    assert_eq!(record["account_id"], "c");
    let want = r#"{"/eventDetails/new":1,"/eventDetails/accountId":"a","/eventDetails/new":[2],"/eventDetails/accountId":"b"}"#;
    assert_eq!(record["extra_fields"], want);
}
