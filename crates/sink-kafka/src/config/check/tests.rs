use std::time::Duration;

use super::check;
use crate::{
    Settings,
    config::{
        clients::{Batching, Isolation, admin, consumer, producer},
        reserved::RESERVED,
    },
};

fn with(property: &str, value: &str) -> Settings {
    let mut settings = Settings::new("kafka", "127.0.0.1:1");
    settings.properties.insert(property.into(), value.into());
    settings
}

fn first(settings: &Settings) -> String {
    check(settings).first().unwrap().to_string()
}

#[test]
fn all_properties_that_can_not_be_used_are_told_at_once() {
    let mut settings = with("acks", "1");
    settings.properties.insert("linger.ms".into(), "soon".into());
    settings.properties.insert("compresion.type".into(), "zstd".into());
    assert_eq!(check(&settings).len(), 3);
}

#[test]
fn every_property_that_a_promise_rests_on_is_refused_by_name() {
    for (property, reason) in RESERVED {
        let error = first(&with(property, "1"));
        assert!(error.contains(property) && error.contains(reason), "{error}");
    }
}

#[test]
fn no_property_is_passed_over_in_silence() {
    let made = |settings: &Settings| {
        [
            producer(settings, "id", Batching::Normal),
            consumer(settings, Isolation::Committed),
            admin(settings),
        ]
    };
    let plain = Settings::new("kafka", "127.0.0.1:1");
    for (which, config) in made(&plain).iter().enumerate() {
        for property in config.config_map().keys() {
            let settings = with(property, "somebody's");
            let refused = RESERVED.iter().any(|(reserved, _)| reserved == property);
            let kept = made(&settings)[which].get(property) == Some("somebody's");
            assert!(refused || kept, "{property} is neither refused nor passed on");
        }
    }
}

#[test]
fn other_properties_pass() {
    for (property, value) in
        [("compression.type", "zstd"), ("linger.ms", "2"), ("message.max.bytes", "2000000")]
    {
        assert!(check(&with(property, value)).is_empty(), "{property}");
    }
}

#[test]
fn the_largest_record_finds_room_among_those_that_wait() {
    let room = |settings: &Settings| {
        let config = producer(settings, "id", Batching::Normal);
        config.get("queue.buffering.max.kbytes").unwrap().to_owned()
    };
    assert_eq!(room(&with("message.max.bytes", "2000000")), "32768");
    assert_eq!(room(&with("message.max.bytes", "100000001")), "97657");
    assert_eq!(room(&with("queue.buffering.max.kbytes", "1000")), "1000");
}

#[test]
fn an_unknown_property_and_a_wrong_value_are_named_and_the_value_is_not() {
    let error = first(&with("compresion.type", "zstd"));
    assert!(error.contains("`compresion.type`") && error.contains("no such"), "{error}");
    let error = first(&with("linger.ms", "hunter2"));
    assert!(error.contains("`linger.ms`") && !error.contains("hunter2"), "{error}");
}

#[test]
fn properties_that_do_not_go_together_are_found_before_anything_runs() {
    let error = first(&with("socket.timeout.ms", "120000"));
    assert!(error.contains("socket.timeout.ms"), "{error}");
    let mut settings = with("socket.timeout.ms", "120000");
    settings.transaction_timeout = Duration::from_mins(5);
    assert!(check(&settings).is_empty());
}
