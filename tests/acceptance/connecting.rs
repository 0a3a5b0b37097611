//! `kalends check --connect`: what is wrong is told before the first webhook, all of it at once.

use kalends_tests::{Installation, config, kafka::Broker};

fn check(installation: &Installation) -> (Option<i32>, String, String) {
    let output = installation.run(["check", "--connect", "-c", "kalends.yaml"]).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_does_not_answer_is_told_with_69_and_nothing_is_made() {
    let installation = Installation::new(&config::files_and_kafka("127.0.0.1:1")).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!(code, Some(69), "{out}{err}");
    assert!(err.contains("sink kafka") && err.contains("127.0.0.1:1"), "{err}");
    assert!(out.contains("journal: ready") && out.contains("sink files: ready"), "{out}");
    assert!(!installation.path("journal").exists() && !installation.path("events").exists());
}

#[test]
fn what_somebody_has_to_mend_is_told_with_78_and_what_to_do() {
    let Some(broker) = Broker::start("connecting").unwrap() else { return };
    let brokers = broker.bootstrap();
    let sinks = format!(
        "  kafka: {{ kind: kafka, brokers: \"{brokers}\", retention: 3d }}
  copies: {{ kind: kafka, brokers: \"{brokers}\", replication: 3, topics: {{ prefix: copies. }} }}
  missing: {{ kind: kafka, brokers: \"{brokers}\", create_topics: false, topics: {{ prefix: missing. }} }}
  blocked: {{ kind: files, directory: ./kalends.yaml/events }}
"
    );
    let installation = Installation::new(&(config::files() + &sinks)).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!(code, Some(78), "{out}{err}");
    for part in [
        "sink copies: no such topic: copies.dead-letter",
        "set a `replication` of no more than the cluster has brokers",
        "sink missing: no such topic: missing.dead-letter",
        "kafka-topics.sh --bootstrap-server",
        "sink blocked: ",
    ] {
        assert!(err.contains(part), "no {part:?} in {err}");
    }
    assert!(out.contains("sink kafka: ready") && out.contains("topics that will be created"), "{out}");
    assert!(!broker.has_topic("rokt.calendar.subscribe").unwrap(), "nothing is created");

    let installation = Installation::new(&config::kafka(brokers)).unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!((code, err.as_str()), (Some(0), ""), "beside a running daemon: {out}");
    assert!(broker.committed("rokt.calendar.subscribe").unwrap().is_empty(), "no record is written");
    assert_eq!(broker.written("rokt.calendar.subscribe").unwrap(), 0, "nor one that is taken back");
    let state = daemon.status().unwrap()["sinks"][0]["state"].clone();
    assert_eq!(state, "running", "the daemon is not fenced");
}
