use std::collections::BTreeMap;

use kalends_tests::{
    Installation, config,
    kafka::{Broker, Message},
    load::Load,
    wait::PATIENCE,
    wait_until,
};

use crate::kafka_kills::TOPICS;

const ID: &str = "died-once";

/// Committed messages by their journal position: those of live delivery, and those of the replay.
fn split(broker: &Broker) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut live, mut replayed) = (BTreeMap::new(), BTreeMap::new());
    let messages = TOPICS.iter().flat_map(|topic| broker.committed(topic).unwrap());
    for message in messages {
        let replay = message.header("kalends-replay");
        assert!(replay.is_none_or(|id| id == ID), "{replay:?}");
        let positions = if replay.is_some() { &mut replayed } else { &mut live };
        *positions.entry(message.header("kalends-position").unwrap().to_owned()).or_default() += 1;
    }
    (live, replayed)
}

#[test]
fn a_replay_that_is_killed_goes_on_where_it_was_and_live_delivery_notices_nothing() {
    let Some(broker) = Broker::start("replay").unwrap() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    Load::start("before", daemon.public(), 8, 600).finish().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let (before, _) = split(&broker);

    let options = ["replay", "--config", "kalends.yaml", "--sink", "kafka", "--id", ID];
    let mut slow = installation.command(options.iter().chain(&["--rate", "50"])).unwrap().spawn().unwrap();
    let is_replayed = |message: &Message| message.header("kalends-replay").is_some();
    wait_until("the replay to commit something", PATIENCE, || {
        Ok(broker.visible(TOPICS[0])?.iter().any(is_replayed).then_some(()))
    })
    .unwrap();
    slow.kill().unwrap();
    slow.wait().unwrap();
    let (_, half) = split(&broker);
    assert!(half.len() < before.len(), "killed before its end");

    let during = Load::start("during", daemon.public(), 8, 100);
    let ended = installation.run(options).unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let during = during.finish().unwrap();
    assert!(during.unknown.is_empty());
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let sink = &daemon.status().unwrap()["sinks"][0];
    assert_eq!((&sink["state"], &sink["last_error"]), (&"running".into(), &serde_json::Value::Null));

    let (live, replayed) = split(&broker);
    assert_eq!(live.len(), before.len() + during.acknowledged.len());
    assert!(live.values().chain(replayed.values()).all(|times| *times == 1), "each once");
    assert_eq!(replayed, before, "all that the journal had when the replay began, and nothing later");
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}
