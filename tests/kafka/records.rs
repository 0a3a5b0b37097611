//! What a consumer finds.

use kalends_sink::{Failure, Record, Sink as _};
use kalends_sink_kafka::Delivery;
use kalends_tests::event;

use crate::fixture::{CHECKPOINTS, Fixture, RECEIVED_AT, datum, record, shared_broker, sink};

#[test]
fn records_of_several_topics_arrive_with_key_headers_time_and_framing_in_order() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "arrive");
    let mut settings = fixture.settings();
    settings.partitions = Some(3);
    let mut sink = sink(settings);
    assert_eq!(fixture.connect(&mut sink), None);

    let events: Vec<_> = (1..=60_u64).map(|n| (n, format!("key-{}", n % 7), format!("{n:03}"))).collect();
    let of_journal = |record| Record { journal: fixture.journal, ..record };
    let records: Vec<_> = events
        .iter()
        .map(|(n, key, datum)| of_journal(record(*n, usize::from(n % 2 == 0), key, datum)))
        .collect();
    sink.write(&records[..30]).unwrap();
    sink.write(&records[30..]).unwrap();
    sink.commit(fixture.checkpoint(60)).unwrap();

    for stream in 0..2 {
        let messages = broker.committed(fixture.topic(stream)).unwrap();
        let sent = events.iter().filter(|(n, ..)| usize::from(n % 2 == 0) == stream);
        for (_, key, _) in sent.clone() {
            let of_key = |message: &&kalends_tests::kafka::Message| message.key == *key;
            let arrived: Vec<_> = messages.iter().filter(of_key).map(datum).collect();
            let expected: Vec<_> =
                sent.clone().filter(|event| event.1 == *key).map(|event| event.2.clone()).collect();
            assert_eq!(arrived, expected, "{key}");
        }
        assert_eq!(messages.len(), sent.count());
        assert!(messages.iter().any(|message| message.partition > 0));
        for message in &messages {
            let fingerprint = u8::try_from(stream).unwrap();
            assert_eq!(message.value[..10], [0xC3, 1, fingerprint, 0, 0, 0, 0, 0, 0, 0]);
            assert_eq!(message.time, RECEIVED_AT / 1000);
            assert_eq!(message.header("ce_type"), Some(format!("rokt.calendar.Type{stream}").as_str()));
            assert_eq!(message.header("ce_id"), Some("e-1"));
            let position = format!("0:{}", datum(message).trim_start_matches('0'));
            assert_eq!(message.header("kalends-position"), Some(position.as_str()));
            assert_eq!(message.header("kalends-journal"), Some(fixture.journal.to_string().as_str()));
        }
    }
}

#[test]
fn a_dead_letter_carries_the_headers_that_connects_tools_read() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "dead");
    let mut sink = fixture.sink();
    fixture.connect(&mut sink);
    let dead = Record { dead_letter: Some(("not-an-event", "no id")), ..record(1, 0, "k", "d") };
    sink.write(&[dead]).unwrap();
    sink.commit(fixture.checkpoint(1)).unwrap();

    let messages = broker.committed(fixture.topic(0)).unwrap();
    assert_eq!(messages[0].header("__connect.errors.exception.class.name"), Some("not-an-event"));
    assert_eq!(messages[0].header("__connect.errors.exception.message"), Some("no id"));
}

#[test]
fn without_transactions_records_arrive_and_the_checkpoint_comes_back() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "least");
    let mut settings = fixture.settings();
    settings.delivery = Delivery::AtLeastOnce;
    let mut first = sink(settings.clone());
    assert_eq!(fixture.connect(&mut first), None);
    first.write(&[record(1, 0, "k", "a"), record(2, 0, "k", "b")]).unwrap();
    first.commit(fixture.checkpoint(2)).unwrap();
    assert_eq!(fixture.datums(0), ["a", "b"]);
    assert_eq!(fixture.connect(&mut sink(settings)), Some(fixture.checkpoint(2)));
}

#[test]
fn without_transactions_no_checkpoint_passes_a_record_that_was_refused() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "leastrefused");
    broker.create_topic(fixture.topic(0), &[("max.message.bytes", "2000")]).unwrap();
    let mut settings = fixture.settings();
    settings.delivery = Delivery::AtLeastOnce;
    let mut first = sink(settings.clone());
    fixture.connect(&mut first);
    first.write(&[record(1, 0, "k", "a")]).unwrap();
    first.commit(fixture.checkpoint(1)).unwrap();
    // The limit is on what the batch takes when it is compressed.
    let large = event::noise(11_200);
    let written =
        first.write(&[record(2, 0, "k", &large)]).and_then(|()| first.commit(fixture.checkpoint(2)));
    assert!(matches!(written, Err(Failure::Data { position: 2, .. })), "{written:?}");
    assert_eq!(fixture.connect(&mut sink(settings)), Some(fixture.checkpoint(1)));
}

#[test]
fn a_first_claim_says_who_delivers_and_names_no_position() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "claim");
    fixture.connect(&mut fixture.sink());
    let key = format!("kafka/{}/0", fixture.journal);
    let claims = broker.committed(CHECKPOINTS).unwrap();
    let claim = claims.iter().find(|message| message.key == key).unwrap();
    let claim: serde_json::Value = serde_json::from_slice(&claim.value).unwrap();
    assert_eq!(claim["version"], 1);
    assert_eq!(claim.get("position"), None);
    assert!(claim["host"].is_string() && claim["instance"].is_string());
}
