//! The built-in schemas, and what may be put in their place.

use kalends_normalise::{CompileError, Personal, Plan, Source, TimeUnit};
use serde_json::{Value as Json, json};

use crate::plan;

const ALL: &str = "event_id event_type action_type account_id account_name account_code calendar_subscription_id endpoint \
    received_at journal_id journal_shard journal_position extra_fields";
const BASIC: &str = " calendar_id calendar_title calendar_code subscription_method";
const DETAILS: &str = " calendar_tag_ids calendar_tag_texts time_zone_windows_name time_zone_iana_id subscriber_external_id \
    email_address additional_opt_in is_marketing_allowed entered_post_code cable_provider cable_provider_location \
    remote_ip_address user_agent referrer country_code geo_country source device_name utm_source utm_medium utm_campaign \
    utm_content created_date_time_utc confirmation_date_time_utc";
const REMOVED: &str = " remote_ip_address user_agent country_code geo_country device_name removed_date_time_utc \
    unsubscribe_reason_text";
const EVENT: &str = " subscription_event_id subscription_event_title subscription_event_description \
    subscription_event_location subscription_event_reminder_minutes subscription_event_time_zone_windows_name \
    subscription_event_time_zone_iana_id subscription_event_start_date_time subscription_event_start_date_time_utc \
    subscription_event_end_date_time subscription_event_end_date_time_utc subscription_event_created_date_time_utc \
    subscription_event_last_updated_date_time_utc";
const DEAD: &str = "received_at endpoint journal_id journal_shard journal_position reason message body_bytes body event_id \
    event_type";

#[test]
fn the_records_have_the_fields_and_topics_of_the_contract_in_its_order() {
    let details = [ALL, BASIC, DETAILS].concat();
    let event = [ALL, BASIC, EVENT].concat();
    let basic = [ALL, BASIC, " subscription_event_id"].concat();
    let raw = [ALL, " event_details"].concat();
    let want = [
        ("Subscribe", "subscribe", &details),
        ("Unsubscribe", "unsubscribe", &[ALL, BASIC, REMOVED].concat()),
        ("SubscriptionDetailsUpdated", "subscription-details-updated", &details),
        ("SubscriptionEventAdded", "subscription-event-added", &event),
        ("SubscriptionEventUpdated", "subscription-event-updated", &event),
        ("SubscriptionEventRemoved", "subscription-event-removed", &basic),
        ("SubscriptionEventDeleted", "subscription-event-deleted", &basic),
        ("Test", "test", &raw),
        ("UnknownEvent", "unknown", &raw),
        ("DeadLetter", "dead-letter", &DEAD.to_owned()),
    ];
    let plan = plan();
    assert_eq!(plan.records().len(), want.len());
    for (record, (name, topic, fields)) in plan.records().iter().zip(want) {
        assert_eq!((record.name.as_str(), record.topic_suffix.as_str()), (name, topic));
        assert_eq!(record.full_name, format!("rokt.calendar.{name}"));
        let names: Vec<&str> = record.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, fields.split_whitespace().collect::<Vec<_>>(), "{name}");
    }
    assert_eq!(plan.records()[plan.dead_letter()].name, "DeadLetter");
}

#[test]
fn every_field_is_flat_documented_and_null_by_default_where_it_may_be() {
    for record in plan().records() {
        let schema: Json = serde_json::from_str(&record.schema_json).unwrap();
        assert!(!record.schema_json.contains("kalends"), "{}", record.name);
        for field in schema["fields"].as_array().unwrap() {
            let doc = field["doc"].as_str().unwrap();
            assert!(doc.contains("Example: "), "{}: {}: {doc}", record.name, field["name"]);
            let (branch, default) = match field["type"].as_array() {
                Some(union) => {
                    assert_eq!((union.len(), &union[0]), (2, &json!("null")));
                    (&union[1], Some(&Json::Null))
                }
                None => (&field["type"], None),
            };
            assert_eq!(field.get("default"), default, "{}: {}", record.name, field["name"]);
            let flat = [
                json!("string"),
                json!("boolean"),
                json!("int"),
                json!("long"),
                json!("bytes"),
                json!({ "type": "long", "logicalType": "timestamp-millis" }),
                json!({ "type": "array", "items": "string" }),
            ];
            assert!(flat.contains(branch), "{}: {branch}", record.name);
        }
    }
}

#[test]
fn micros_change_the_namespace_and_every_instant_and_nothing_else() {
    let micros = Plan::builtin(TimeUnit::Micros).unwrap();
    for (record, plain) in micros.records().iter().zip(plan().records()) {
        assert_eq!(record.full_name, format!("rokt.calendar.micros.{}", record.name));
        let back = record.schema_json.replace("timestamp-micros", "timestamp-millis");
        assert_eq!(back.replace("rokt.calendar.micros", "rokt.calendar"), plain.schema_json);
        assert_ne!(record.fingerprint, plain.fingerprint);
    }
}

/// As Avro's Java library (`SchemaNormalization.parsingFingerprint64`) and fastavro compute them. They stand in every
/// message: another number is another schema to every reader.
#[test]
fn fingerprints_are_those_of_other_avro_libraries() {
    let expected = [
        ("Subscribe", 0xeb7b_1dc8_e225_7746),
        ("Unsubscribe", 0xe4a6_1036_c659_3045),
        ("SubscriptionDetailsUpdated", 0x444f_33c1_dd7a_9398),
        ("SubscriptionEventAdded", 0xd517_c026_1bb3_24e7),
        ("SubscriptionEventUpdated", 0x85ef_cb0d_ebf3_470e),
        ("SubscriptionEventRemoved", 0x44c4_3727_0f16_996d),
        ("SubscriptionEventDeleted", 0xd76e_dd61_8240_d809),
        ("Test", 0x9884_312d_d1b3_5e1b),
        ("UnknownEvent", 0x9ce2_f462_d93d_cd99),
        ("DeadLetter", 0x734e_e9eb_c948_3337),
    ];
    let plan = plan();
    for (name, fingerprint) in expected {
        let record = &plan.records()[plan.record(name).unwrap()];
        assert_eq!(record.fingerprint, fingerprint, "{name}: {:#x}", record.fingerprint);
    }
}

#[test]
fn personal_data_is_classed() {
    let plan = plan();
    let class = |record: &str, field: &str| {
        let record = &plan.records()[plan.record(record).unwrap()];
        record.fields.iter().find(|other| other.name == field).unwrap().personal
    };
    assert_eq!(class("Subscribe", "email_address"), Some(Personal::Email));
    assert_eq!(class("Subscribe", "subscriber_external_id"), Some(Personal::ExternalId));
    assert_eq!(class("Unsubscribe", "remote_ip_address"), Some(Personal::IpAddress));
    assert_eq!(class("Unsubscribe", "user_agent"), Some(Personal::UserAgent));
    assert_eq!(class("Subscribe", "entered_post_code"), Some(Personal::PostCode));
    assert_eq!(class("Unsubscribe", "unsubscribe_reason_text"), Some(Personal::FreeText));
    assert_eq!(class("Subscribe", "account_id"), None);
}

fn built_in(name: &str) -> Json {
    let source = Source::BUILT_IN.into_iter().find(|source| source.name == format!("{name}.avsc")).unwrap();
    serde_json::from_str(source.text).unwrap()
}

fn compile(schema: &Json) -> Result<Plan, CompileError> {
    Plan::compile(&[Source { name: "mine.avsc", text: &schema.to_string() }], TimeUnit::Millis)
}

fn refusal(schema: &Json) -> String {
    compile(schema).unwrap_err().to_string()
}

fn new_field() -> Json {
    json!({ "name": "loyalty_tier", "type": ["null", "string"], "default": null, "doc": "d",
        "kalends": { "from": ["/eventDetails/loyaltyTier"] } })
}

#[test]
fn a_superset_replaces_a_built_in_and_fills_its_new_field() {
    let mut schema = built_in("Subscribe");
    schema["fields"].as_array_mut().unwrap().push(new_field());
    let plan = std::sync::Arc::new(compile(&schema).unwrap());
    assert_eq!(plan.records().len(), Source::BUILT_IN.len());
    let body = r#"{"eventId":"e","eventType":"Subscribe","eventDetails":{"loyaltyTier":"gold"}}"#;
    let mut normaliser = kalends_normalise::Normaliser::new(std::sync::Arc::clone(&plan));
    let kalends_normalise::Outcome::Event(event) = normaliser.normalise(body.as_bytes(), &crate::META) else {
        panic!()
    };
    assert_eq!(event.to_json()["loyalty_tier"], "gold");
    assert_eq!(event.to_json()["extra_fields"], Json::Null);
}

#[test]
fn columns_of_several_arrays_keep_their_rows_and_their_spelling() {
    let mut schema = built_in("Subscribe");
    schema["fields"].as_array_mut().unwrap().push(json!({ "name": "device_names", "doc": "d",
        "type": ["null", { "type": "array", "items": "string" }], "default": null,
        "kalends": { "from": ["/eventDetails/devices/*/info/name"] } }));
    schema["fields"].as_array_mut().unwrap().push(json!({ "name": "hobbies", "doc": "d",
        "type": ["null", { "type": "array", "items": "string" }], "default": null,
        "kalends": { "from": ["/eventDetails/hobbies/*"] } }));
    let plan = std::sync::Arc::new(compile(&schema).unwrap());
    let body = r#"{"eventId":"e","eventType":"Subscribe","eventDetails":{
        "devices":[{"info":{"name":"a"}},{"Info":{"NAME":2}},{"info":{"name":[3],"os":"x"}}],
        "hobbies":["chess",null,7,["go"]],
        "subscription":{"calendarTags":[{"tagId":"t1"},{"tagId":"t2","tagText":"y"}]}}}"#;
    let mut normaliser = kalends_normalise::Normaliser::new(std::sync::Arc::clone(&plan));
    let kalends_normalise::Outcome::Event(event) = normaliser.normalise(body.as_bytes(), &crate::META) else {
        panic!()
    };
    let record = event.to_json();
    assert_eq!(record["device_names"], json!(["a", "2", ""]));
    assert_eq!(record["hobbies"], json!(["chess", "", "7"]));
    assert_eq!(record["calendar_tag_ids"], json!(["t1", "t2"]));
    assert_eq!(record["calendar_tag_texts"], json!(["", "y"]));
    let extra: Json = serde_json::from_str(record["extra_fields"].as_str().unwrap()).unwrap();
    assert_eq!(
        extra,
        json!({ "/eventDetails/devices/2/info/name": [3], "/eventDetails/devices/2/info/os": "x",
            "/eventDetails/hobbies/3": ["go"] })
    );
    let coerced = |seen: &kalends_normalise::QuirkSeen| seen.pointer == "/eventDetails/devices/1/Info/NAME";
    assert_eq!(event.quirks.iter().filter(|seen| coerced(seen)).count(), 2);
}

#[test]
fn a_new_name_is_a_new_event_type() {
    let mut schema = built_in("Subscribe");
    schema["name"] = json!("SubscriptionPaused");
    schema["kalends"] = json!({ "types": ["SubscriptionPaused"], "topic": "subscription-paused" });
    let plan = compile(&schema).unwrap();
    assert_eq!(
        plan.records()[plan.record("SubscriptionPaused").unwrap()].topic_suffix,
        "subscription-paused"
    );
}

fn new_type(change: impl FnOnce(&mut Vec<Json>)) -> Json {
    let mut schema = built_in("UnknownEvent");
    schema["name"] = json!("SubscriptionPaused");
    schema["kalends"] = json!({ "types": ["SubscriptionPaused"], "topic": "subscription-paused" });
    change(schema["fields"].as_array_mut().unwrap());
    schema
}

#[test]
fn new_event_type_without_common_fields_is_refused_with_all_of_them() {
    let lacking = new_type(|fields| {
        fields.retain(|field| !["endpoint", "account_id"].contains(&field["name"].as_str().unwrap()));
    });
    let common = ALL.split_whitespace().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    assert_eq!(
        refusal(&lacking),
        format!(
            "mine.avsc: `account_id`, `endpoint` are missing; every record has {common}: copy them from \
             `kalends schemas show --source UnknownEvent`"
        )
    );
    let other_type = new_type(|fields| fields[3]["type"] = json!(["null", "long"]));
    assert!(refusal(&other_type).contains("field `account_id`: every record has it, with the type"));
    let of_body = new_type(|fields| {
        let field = fields.iter_mut().find(|field| field["name"] == "event_type").unwrap();
        field["kalends"] = json!({ "from": ["/eventDetails/kind"] });
    });
    assert!(refusal(&of_body).contains("field `event_type`"), "{}", refusal(&of_body));
    // The details as a whole are what UnknownEvent has of its own.
    assert!(compile(&new_type(|fields| fields.retain(|field| field["name"] != "event_details"))).is_ok());
}

#[test]
fn text_with_a_personal_name_and_no_class_is_told_of() {
    let told = |schema: &Json| {
        let plan = compile(schema).unwrap();
        let told: Vec<_> = plan
            .unclassified()
            .map(|(record, field, class)| format!("{} {} {class}", record.name, field.name))
            .collect();
        told
    };
    let field = |name: &str, class: Json| {
        json!({ "name": name, "type": ["null", "string"], "default": null, "doc": "d",
            "kalends": { "from": ["/eventDetails/x"], "personal": class } })
    };
    let plain = new_type(|fields| {
        fields.extend([field("email_address", Json::Null), field("mood", Json::Null)]);
    });
    assert_eq!(told(&plain), ["SubscriptionPaused email_address email"]);
    assert!(told(&new_type(|fields| fields.push(field("email_address", json!("email"))))).is_empty());
    let mut replaced = built_in("Subscribe");
    let own = replaced["fields"].as_array_mut().unwrap().iter_mut();
    for field in own.filter(|field| field["name"] == "email_address") {
        field["kalends"] = json!({ "from": ["/eventDetails/subscription/emailAddress"] });
    }
    assert_eq!(told(&replaced), ["Subscribe email_address email"]);
    assert_eq!(plan().unclassified().count(), 0, "the built-in schemas have a class for each");
}

#[test]
fn what_can_not_be_used_is_refused_with_file_field_and_reason() {
    let change = |at: &str, value: Json| {
        let mut schema = built_in("Subscribe");
        *schema.pointer_mut(at).unwrap() = value;
        refusal(&schema)
    };
    let removed = {
        let mut schema = built_in("Subscribe");
        schema["fields"].as_array_mut().unwrap().remove(5);
        refusal(&schema)
    };
    assert_eq!(
        removed,
        "mine.avsc: field `account_code`: the built-in has it, and readers count on it: put it back"
    );
    assert!(
        change("/fields/2/type", json!(["null", "int"])).contains("field `action_type`: its type differs")
    );
    assert!(change("/fields/2/kalends", json!({ "form": [] })).contains("unknown field `form`"));
    let mut stray = built_in("Subscribe");
    stray["fields"][2]["personal"] = json!("email");
    assert!(refusal(&stray).contains("`personal` stands beside the attribute `kalends`"));
    assert!(change("/fields/2/kalends", json!({ "from": ["eventId"] })).contains("want a JSON Pointer"));
    assert!(
        change("/fields/2/kalends", json!({ "derive": { "fn": "magic" } }))
            .contains("\"magic\", which there is not")
    );
    assert!(
        change("/fields/2/kalends", json!({ "personal": "face" })).contains("want one of email, external_id")
    );
    assert!(
        change("/fields/2/kalends", json!({ "from": ["/a/*/b"] })).contains("one `*`, any other type none")
    );
    assert!(change("/kalends/types", json!(["Subscribe", "unsubscribe"])).contains("takes event type"));
    assert_eq!(
        change("/kalends/types", json!([])),
        "mine.avsc: the built-in takes event type `Subscribe`: put it back into `types`"
    );
    for topic in ["", ".", "../up", "a b", "a/b"] {
        assert!(change("/kalends/topic", json!(topic)).contains("letters, digits"), "{topic}");
    }
    assert!(change("/kalends/topic", json!("unsubscribe")).contains("topic `unsubscribe`, too"));
    assert!(
        change(
            "/kalends",
            json!({ "types": ["Subscribe"], "topic": "x", "reclassify": [{ "to": "Nobody", "when_absent": [] }] })
        )
        .contains("no record `Nobody`")
    );
    assert!(change("/name", json!("New")).contains("Subscribe.avsc takes event type `Subscribe`"));
    let mut forgetful = built_in("Subscribe");
    forgetful["name"] = json!("New");
    forgetful["fields"].as_array_mut().unwrap().retain(|field| field["name"] != "extra_fields");
    assert!(refusal(&forgetful).contains("`extra_fields` is missing"));
    assert!(change("/name", json!("Not a name")).contains("not an Avro schema"));
    assert!(change("/type", json!("enum")).contains("want a `record`"));
}
