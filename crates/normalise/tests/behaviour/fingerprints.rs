//! Rules by which two bodies are the same event.

use std::{collections::HashSet, fmt::Write as _};

use kalends_normalise::{Fingerprint, Meta, Normaliser, Outcome};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::{META, event, nothing_lost::body, plan};

fn fingerprint(body: &str) -> Option<Fingerprint> {
    event(body).fingerprint
}

/// Writes the same content in another order of keys, another case of keys, and with white space.
fn reworded(value: &Json, out: &mut String) {
    match value {
        Json::Object(members) => {
            out.push_str("{ ");
            for (index, (key, member)) in members.iter().rev().enumerate() {
                if index > 0 {
                    out.push_str(" ,\n");
                }
                out.push_str(&Json::from(key.to_uppercase()).to_string());
                out.push_str("\t: ");
                reworded(member, out);
            }
            out.push_str("\r\n}");
        }
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { " , " } else { " " });
                reworded(item, out);
            }
            out.push(']');
        }
        Json::String(text) => {
            out.push('"');
            text.encode_utf16().for_each(|unit| write!(out, "\\u{unit:04X}").unwrap());
            out.push('"');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// The value without members whose key differs from an earlier one's in nothing but case.
fn without_twins(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            let mut keys = HashSet::new();
            let first = |(key, _): &(&String, &Json)| keys.insert(key.to_ascii_lowercase());
            members.iter().filter(first).map(|(key, member)| (key.clone(), without_twins(member))).collect()
        }
        Json::Array(items) => items.iter().map(without_twins).collect(),
        leaf => leaf.clone(),
    }
}

fn leaves(value: &mut Json) -> Vec<&mut Json> {
    match value {
        Json::Object(members) => members.values_mut().flat_map(leaves).collect(),
        Json::Array(items) => items.iter_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

proptest! {
    #[test]
    fn order_and_case_of_keys_white_space_and_escapes_do_not_count(body in body()) {
        let body = without_twins(&body);
        let mut other = String::new();
        reworded(&body, &mut other);
        prop_assert_eq!(fingerprint(&other), fingerprint(&body.to_string()), "{}", other);
    }

    #[test]
    fn every_value_counts(body in body(), nth: proptest::sample::Index) {
        prop_assume!(body["eventType"] != "Test");
        let before = event(body.to_string()).fingerprint.unwrap();
        let mut changed = body.clone();
        let mut details = leaves(&mut changed["eventDetails"]);
        prop_assume!(!details.is_empty());
        let nth = nth.index(details.len());
        let leaf = &mut *details[nth];
        *leaf = if leaf.is_null() { Json::from(false) } else { Json::Null };
        let after = event(changed.to_string()).fingerprint.unwrap();
        prop_assert_ne!(after.content, before.content);
    }
}

fn details(details: &str) -> Fingerprint {
    fingerprint(&format!("{{\"eventId\":\"e\",\"eventType\":\"Subscribe\",\"eventDetails\":{details}}}"))
        .unwrap()
}

#[test]
fn what_looks_alike_is_not_the_same() {
    let alike = [
        r"{}",
        r#"{"a":null}"#,
        r#"{"a":1}"#,
        r#"{"a":1.0}"#,
        r#"{"a":"1"}"#,
        r#"{"a":[1]}"#,
        r#"{"a":[]}"#,
        r#"{"a":{}}"#,
        r#"{"a":""}"#,
        r#"{"a":"null"}"#,
        r#"{"a":true}"#,
        r#"{"a":"true"}"#,
        r#"{"a":"A"}"#,
        r#"{"a":"a"}"#,
        r#"{"a":[1,2]}"#,
        r#"{"a":[2,1]}"#,
        r#"{"a":1,"b":2}"#,
        r#"{"a":2,"b":1}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":2,"a":1}"#,
        r#"{"a":1,"A":2}"#,
        r#"{"A":1,"a":2}"#,
        r#"{"a":{"b":1}}"#,
    ];
    for (index, one) in alike.iter().enumerate() {
        for other in &alike[..index] {
            assert_ne!(details(one).content, details(other).content, "{one} {other}");
        }
    }
}

#[test]
fn the_type_counts_as_resolved_and_the_id_whatever_its_case() {
    let body = |id: &str, kind: &str| {
        format!("{{\"eventId\":\"{id}\",\"eventType\":\"{kind}\",\"eventDetails\":{{}}}}")
    };
    let of = |endpoint: &str, body: String| match Normaliser::new(plan())
        .normalise(body.as_bytes(), &Meta { endpoint, ..META })
    {
        Outcome::Event(event) => event.fingerprint.unwrap(),
        Outcome::DeadLetter(letter) => panic!("{letter:?}"),
    };
    let one = of("main", body("abc", "SubscriptionDetailsUpdated"));
    for kind in ["SubscriptionDetailsUpdated", "SubscriptionDetailsUpdate", "subscriptiondetailsUPDATED"] {
        assert_eq!(of("main", body("ABC", kind)), one, "{kind}");
    }
    let reclassified = of("main", body("abc", "SubscriptionEventRemoved"));
    assert_eq!(of("main", body("abc", "SubscriptionEventDeleted")), reclassified);
    let others = [
        of("other", body("abc", "SubscriptionDetailsUpdated")),
        of("main", body("abd", "SubscriptionDetailsUpdated")),
        of("main", body("abc", "Unsubscribe")),
        of("main", body("abc", "Else")),
        of("main", body("abc", "else")),
        reclassified,
    ];
    for other in others {
        assert_ne!(other.id, one.id);
        assert_ne!(other.content, one.content);
    }
}

#[test]
fn every_one_of_several_ids_or_types_counts() {
    let several = [
        r#"{"eventId":"a","eventType":"Subscribe","eventDetails":{}}"#,
        r#"{"eventId":"a","EventId":"b","eventType":"Subscribe","eventDetails":{}}"#,
        r#"{"eventId":"a","EventId":"c","eventType":"Subscribe","eventDetails":{}}"#,
        r#"{"eventId":"a","eventType":"Subscribe","EventType":"Test","eventDetails":{}}"#,
        r#"{"eventId":"a","eventType":"Subscribe","EventType":"Unsubscribe","eventDetails":{}}"#,
    ];
    for (index, one) in several.iter().enumerate() {
        for other in &several[..index] {
            let (one, other) = (fingerprint(one).unwrap(), fingerprint(other).unwrap());
            assert_eq!(one.id, other.id);
            assert_ne!(one.content, other.content);
        }
    }
}

/// Duplicates are found across versions of kalends, since the journal is read anew by each.
#[test]
fn fingerprints_are_the_same_in_every_version() {
    let known = [
        (
            include_str!("../../../../tests/fixtures/samples/subscribe.json"),
            (0xa327_2ef8_7f4c_2380, 0xdfda_1715_ce12_b8ee),
        ),
        (
            include_str!("../../../../tests/fixtures/samples/unsubscribe.json"),
            (0xfeca_36e4_4e02_b106, 0x0556_69c4_5b7c_2cbf),
        ),
        (
            r#"{"eventId":"E","eventType":"Else","eventDetails":{"a":[1,{"b":"\u0041"}],"A":null}}"#,
            (0xd99c_1184_0f1d_40e6, 0x7a53_8b7a_8681_7334),
        ),
    ];
    for (body, (id, content)) in known {
        assert_eq!(event(body).fingerprint, Some(Fingerprint { id, content }), "{body}");
    }
}

#[test]
fn where_and_when_it_came_does_not_count_and_a_test_has_none() {
    let body = include_bytes!("../../../../tests/fixtures/samples/subscribe.json");
    let later = Meta { received_at: 1, position: 7, shard: 3, journal_id: "x", ..META };
    let Outcome::Event(again) = Normaliser::new(plan()).normalise(body, &later) else { panic!() };
    assert_eq!(again.fingerprint, event(body).fingerprint);
    assert_eq!(event(r#"{"eventId":"e","eventType":"Test"}"#).fingerprint, None);
}
