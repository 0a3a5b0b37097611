//! Several sinks on one cluster, each with its own topics, types and view of a text.

use kalends_tests::{Installation, config, datum::Decoder, kafka::Broker};

const COMMON: &str = r#""subscription":{"calendarSubscriptionId":"s-1","emailAddress":"some\u0000body@example.org","calendarTitle":"Title"}"#;

fn body(id: &str, event_type: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"{event_type}","eventDetails":{{{COMMON},"novelty":{{"a":"x\u0000y","b":"\\u0000"}}}}}}"#
    )
}

#[test]
fn each_kafka_sink_gets_its_own_types_on_its_own_topics_and_nul_only_if_it_wants_to() {
    let Some(broker) = Broker::start("several").unwrap() else { return };
    let brokers = broker.bootstrap();
    let more = format!(
        "  crm: {{ kind: kafka, brokers: \"{brokers}\", only: [Subscribe, Unsubscribe], strip_nul: true, \
         topics: {{ prefix: crm., names: {{ Subscribe: crm-signups }} }} }}
  rest: {{ kind: kafka, brokers: \"{brokers}\", except: [subscribe, DeadLetter], topics: {{ prefix: rest. }} }}
"
    );
    let installation = Installation::new(&(config::files() + &more)).unwrap();
    let daemon = installation.start().unwrap();
    for (id, event_type) in
        [("e-1", "Subscribe"), ("e-2", "Unsubscribe"), ("e-3", "SubscriptionDetailsUpdated")]
    {
        assert_eq!(daemon.post(body(id, event_type)).unwrap().status, 200);
    }
    assert_eq!(daemon.post("{").unwrap().status, 200);
    daemon.wait_until_delivered(&["files", "crm", "rest"]).unwrap();

    let count = |topic: &str| broker.committed(topic).unwrap().len();
    assert_eq!(["crm-signups", "crm.unsubscribe"].map(count), [1, 1]);
    assert_eq!(["rest.unsubscribe", "rest.subscription-details-updated"].map(count), [1, 1]);
    for absent in
        ["crm.dead-letter", "crm.subscribe", "rest.subscribe", "rest.dead-letter", "rest.crm-signups"]
    {
        assert!(!broker.has_topic(absent).unwrap(), "{absent}");
    }
    assert_eq!(installation.records().unwrap().len(), 4, "files have everything");

    let decoder = Decoder::new().unwrap();
    let record = |topic: &str| decoder.record(topic, &broker.committed(topic).unwrap()[0]).unwrap();
    let (bare, whole) = (record("crm-signups"), record("rest.subscription-details-updated"));
    assert_eq!(bare.text("email_address"), Some("somebody@example.org"));
    assert_eq!(whole.text("email_address"), Some("some\0body@example.org"));
    let novelty = |text: &str| format!(r#"{{"/eventDetails/novelty":{text}}}"#);
    assert_eq!(bare.text("extra_fields"), Some(novelty(r#"{"a":"xy","b":"\\u0000"}"#).as_str()));
    assert_eq!(whole.text("extra_fields"), Some(novelty(r#"{"a":"x\u0000y","b":"\\u0000"}"#).as_str()));
}
