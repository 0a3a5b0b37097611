use std::sync::Arc;

use kalends_normalise::{Meta, Normaliser, Outcome, Personal, Source, TimeUnit};
use serde_json::{Value as Json, json};

use super::*;
use crate::privacy::{Key, Place};

const SUBSCRIBE: &str = r#"{
    "eventId": "0f1d5918-052d-4915-89a7-8cc9c4d33492", "eventType": "Subscribe", "rootNote": "extra",
    "eventDetails": { "subscription": {
        "calendarSubscriptionId": "s-1", "emailAddress": "a@example.org", "subscriberExternalId": "x-1",
        "isMarketingAllowed": CONSENT, "enteredPostCode": "SW1A 1AA", "remoteIpAddress": "203.0.113.77",
        "userAgent": "Browser/1", "cableProvider": "Cable", "theme": { "name": "dark" } } } }"#;

const UNKNOWN: &str =
    r#"{"eventId":"e-1","eventType":"jane@example.org","eventDetails":{"isMarketingAllowed":true}}"#;

fn plan() -> Arc<Plan> {
    Arc::new(Plan::builtin(TimeUnit::Millis).unwrap())
}

/// A whole record at a sink with these rules, as JSON by its schema's order of text fields.
fn seen(rules: &Rules, body: &str) -> Json {
    let plan = plan();
    let meta = Meta { endpoint: "main", received_at: 0, journal_id: "j", shard: 0, position: 1 };
    let Outcome::Event(event) = Normaliser::new(Arc::clone(&plan)).normalise(body.as_bytes(), &meta) else {
        panic!("no event")
    };
    let policy = Policy::compile(rules, &plan).unwrap();
    let record = &plan.records()[event.record];
    let values = event.values().enumerate().map(|(at, value)| {
        let edit = policy.as_ref().map_or(Edit::Keep, |policy| {
            let table = &policy.tables[event.record];
            policy.edit(policy.rules(table, &event)[at], &value, &table.record)
        });
        let kept = || event.to_json()[&record.fields[at].name].clone();
        match edit {
            Edit::Keep => kept(),
            Edit::Drop => Json::Null,
            Edit::Text(text) => text.into(),
        }
    });
    record.fields.iter().map(|field| field.name.clone()).zip(values).collect()
}

fn subscribe(consent: &str) -> String {
    SUBSCRIBE.replace("CONSENT", consent)
}

fn classes<const N: usize>(classes: [(Personal, Treatment); N]) -> Rules {
    Rules { classes: classes.into(), ..Rules::default() }
}

fn fields<const N: usize>(fields: [(&str, Treatment); N]) -> Rules {
    let fields = fields.map(|(name, treatment)| (name.to_owned(), treatment)).into();
    Rules { fields, ..Rules::default() }
}

fn keyed<const N: usize>(named: [(&str, Treatment); N]) -> Rules {
    Rules { key: Some(Key::new("k")), ..fields(named) }
}

#[test]
fn rules_that_keep_everything_are_no_policy() {
    let keep = classes(Personal::ALL.map(|class| (class, Treatment::Keep)));
    let named =
        Rules { keep_extra_fields: vec!["/a".into()], ..fields([("event_details", Treatment::Keep)]) };
    for rules in [Rules::default(), keep, named] {
        assert!(Policy::compile(&rules, &plan()).unwrap().is_none(), "{rules:?}");
    }
}

#[test]
fn each_class_is_treated_as_its_rule_says_and_no_other() {
    let record = seen(
        &Rules {
            key: Some(Key::new("k")),
            ..classes([
                (Personal::Email, Treatment::Hash),
                (Personal::IpAddress, Treatment::Truncate),
                (Personal::UserAgent, Treatment::Drop),
            ])
        },
        &subscribe("true"),
    );
    assert_eq!(record["email_address"], Digest::new(&Key::new("k")).of("a@example.org"));
    assert_eq!(record["remote_ip_address"], "203.0.113.0");
    assert_eq!(record["user_agent"], Json::Null);
    assert_eq!(record["subscriber_external_id"], "x-1");
    assert_eq!(record["entered_post_code"], "SW1A 1AA");
    assert_eq!(record["extra_fields"], Json::Null);
    assert_eq!(
        (&record["event_type"], &record["calendar_subscription_id"]),
        (&json!("Subscribe"), &json!("s-1"))
    );
}

#[test]
fn a_field_overrides_its_class() {
    let mut rules = classes([(Personal::Email, Treatment::Drop), (Personal::PostCode, Treatment::Drop)]);
    rules.fields =
        fields([("entered_post_code", Treatment::Keep), ("cable_provider", Treatment::Drop)]).fields;
    let record = seen(&rules, &subscribe("true"));
    assert_eq!(record["email_address"], Json::Null);
    assert_eq!(record["entered_post_code"], "SW1A 1AA");
    assert_eq!(record["cable_provider"], Json::Null);
}

#[test]
fn extra_fields_keep_what_is_allowed_by_name_alone() {
    let mut rules = classes([(Personal::Email, Treatment::Drop)]);
    rules.keep_extra_fields = vec!["/eventDetails/subscription/theme".into()];
    let extra = r#"{"/eventDetails/subscription/theme":{ "name": "dark" }}"#;
    assert_eq!(seen(&rules, &subscribe("true"))["extra_fields"], extra);
    rules.fields = fields([("extra_fields", Treatment::Drop)]).fields;
    assert_eq!(seen(&rules, &subscribe("true"))["extra_fields"], Json::Null);
}

#[test]
fn an_unknown_type_is_withheld_with_its_details_unless_kept_by_name() {
    let mut rules = classes([(Personal::PostCode, Treatment::Drop)]);
    let record = seen(&rules, UNKNOWN);
    assert_eq!((&record["event_type"], &record["event_details"]), (&json!("UnknownEvent"), &Json::Null));
    assert_eq!(record["event_id"], "e-1");
    rules.fields = fields([("event_type", Treatment::Keep)]).fields;
    assert_eq!(seen(&rules, UNKNOWN)["event_type"], "jane@example.org");
}

#[test]
fn without_consent_every_classed_value_is_dropped_and_the_event_stays() {
    let rules = Rules { consent: Consent::Marketing, ..Rules::default() };
    let willing = seen(&rules, &subscribe("true"));
    assert_eq!(willing, seen(&Rules::default(), &subscribe("true")));
    for consent in ["false", "null", "\"perhaps\""] {
        let record = seen(&rules, &subscribe(consent));
        for field in ["email_address", "subscriber_external_id", "entered_post_code", "remote_ip_address"] {
            assert_eq!(record[field], Json::Null, "{field}, {consent}");
        }
        assert_eq!((&record["user_agent"], &record["extra_fields"]), (&Json::Null, &Json::Null));
        assert_eq!(
            (&record["cable_provider"], &record["event_id"]),
            (&willing["cable_provider"], &willing["event_id"])
        );
    }
    let unknown = seen(&rules, UNKNOWN);
    assert_eq!((&unknown["event_type"], &unknown["event_details"]), (&json!("UnknownEvent"), &Json::Null));
}

#[test]
fn consent_does_not_lift_rules_and_no_rule_lifts_its_lack() {
    let mut rules = Rules { consent: Consent::Marketing, ..classes([(Personal::Email, Treatment::Drop)]) };
    rules.fields = fields([("user_agent", Treatment::Keep), ("cable_provider", Treatment::Drop)]).fields;
    let willing = seen(&rules, &subscribe("true"));
    assert_eq!((&willing["email_address"], &willing["user_agent"]), (&Json::Null, &json!("Browser/1")));
    let unwilling = seen(&rules, &subscribe("false"));
    assert_eq!((&unwilling["user_agent"], &unwilling["cable_provider"]), (&Json::Null, &Json::Null));
}

#[test]
fn a_dead_letter_names_only_ids_and_types_that_can_be_nothing_else() {
    let policy = |rules| Policy::compile(&rules, &plan()).unwrap().unwrap();
    let strict = policy(classes([(Personal::Email, Treatment::Drop)]));
    assert_eq!(strict.letter_id(Some("a@example.org")), None);
    let id = "0f1d5918-052d-4915-89a7-8cc9c4d33492";
    assert_eq!(strict.letter_id(Some(id)), Some(id));
    assert_eq!(strict.letter_type(Some("subscribe")), Some("subscribe"));
    assert_eq!(strict.letter_type(Some("jane")), None);
    let mut rules = fields([("event_id", Treatment::Keep), ("event_type", Treatment::Keep)]);
    rules.classes.insert(Personal::Email, Treatment::Drop);
    let kept = policy(rules);
    assert_eq!((kept.letter_id(Some("7")), kept.letter_type(Some("jane"))), (Some("7"), Some("jane")));
}

#[test]
fn a_trace_context_passes_without_what_later_versions_may_append() {
    let bare = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(Policy::traceparent(Some(bare)), Some(bare));
    assert_eq!(Policy::traceparent(Some(&format!("{bare}-jane"))), None);
}

#[test]
fn each_rule_that_cant_be_followed_is_told() {
    let place = |field: &str| Place::Field(field.to_owned());
    let (drop, hash, truncate, keep) =
        (Treatment::Drop, Treatment::Hash, Treatment::Truncate, Treatment::Keep);
    let cases = [
        (fields([("emial_address", drop)]), Fault::UnknownField("emial_address".into())),
        (
            fields([("calendar_subscription_id", drop)]),
            Fault::Identity {
                field: "calendar_subscription_id".into(),
                place: place("calendar_subscription_id"),
            },
        ),
        (fields([("journal_position", drop)]), Fault::NeverNull("journal_position".into())),
        (fields([("event_type", drop)]), Fault::NeverNull("event_type".into())),
        (fields([("event_details", keep), ("user_agent", drop)]), Fault::AnyValue("event_details".into())),
        (keyed([("body", hash)]), Fault::AnyValue("body".into())),
        (fields([("email_address", truncate)]), Fault::NoAddress(place("email_address"))),
        (classes([(Personal::Email, truncate)]), Fault::NoAddress(Place::Class(Personal::Email))),
        (classes([(Personal::Email, hash)]), Fault::NoKey),
        (fields([("account_code", hash)]), Fault::NoKey),
        (keyed([("additional_opt_in", hash)]), Fault::NoText("additional_opt_in".into())),
        (Rules { keep_extra_fields: vec!["/a".into(), "b".into()], ..Rules::default() }, Fault::NoPointer(1)),
    ];
    for (rules, fault) in cases {
        assert_eq!(rules.faults(&plan()), std::slice::from_ref(&fault), "{rules:?}");
        assert_eq!(Policy::compile(&rules, &plan()).err(), Some(fault));
    }
}

#[test]
fn a_schema_that_gives_a_class_to_the_key_is_refused_where_the_class_is_not_kept() {
    let plan = with_paused(r#"{"from":["/eventDetails/id"],"personal":"external_id"}"#);
    let faults = |rules: Rules| rules.faults(&plan).iter().map(Fault::place).collect::<Vec<_>>();
    assert_eq!(faults(Rules::default()), []);
    let class = classes([(Personal::ExternalId, Treatment::Drop)]);
    assert_eq!(faults(class), [Place::Class(Personal::ExternalId)]);
    assert_eq!(faults(Rules { consent: Consent::Marketing, ..Rules::default() }), [Place::Consent]);
}

#[test]
fn json_text_of_a_body_is_withheld_under_any_name() {
    let plan = with_paused(r#"{"from":["/eventDetails"],"derive":{"fn":"raw_json"}}"#);
    let rules = classes([(Personal::Email, Treatment::Drop)]);
    let paused = &plan.records()[plan.record("Paused").unwrap()];
    let key = paused.fields.iter().find(|field| field.name == "calendar_subscription_id").unwrap();
    assert_eq!(usual(&rules, key), Rule::Drop);
    assert_eq!(usual(&Rules::default(), key), Rule::Keep);
}

/// The built-in plan with one more record type, whose `kalends` of the key is this.
fn with_paused(key: &str) -> Plan {
    let mut schema: Json =
        serde_json::from_str(include_str!("../../../../normalise/schemas/UnknownEvent.avsc")).unwrap();
    schema["name"] = json!("Paused");
    schema["kalends"] = json!({ "types": ["Paused"], "topic": "paused" });
    let fields = schema["fields"].as_array_mut().unwrap();
    let field = fields.iter_mut().find(|field| field["name"] == "calendar_subscription_id").unwrap();
    field["kalends"] = serde_json::from_str(key).unwrap();
    let text = schema.to_string();
    Plan::compile(&[Source { name: "paused.avsc", text: &text }], TimeUnit::Millis).unwrap()
}
