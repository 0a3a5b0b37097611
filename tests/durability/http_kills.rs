//! An HTTP API and a daemon that is killed again and again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use kalends_tests::{Installation, collector::Collector, config, load::Outcome};
use serde_json::Value;

use crate::{exactly_once::count, kills};

/// Requests at once, each with one event: a round.
const IN_FLIGHT: usize = 32;

/// What the API was sent: the times of each event's id, and the events by their own ids.
fn sent(api: &Collector) -> (BTreeMap<String, usize>, BTreeSet<String>) {
    let (mut times, mut events) = (BTreeMap::new(), BTreeSet::new());
    for request in api.requests() {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        *times.entry(body["id"].as_str().unwrap().to_owned()).or_default() += 1;
        events.insert(body["event"].as_str().unwrap().to_owned());
    }
    (times, events)
}

/// The ids of what may stand there twice, as often as they are named.
fn doubts(installation: &Installation) -> Vec<String> {
    let lines = fs::read_to_string(installation.path("journal/sinks/crm.doubts")).unwrap_or_default();
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    lines.lines().map(id).collect()
}

#[test]
fn what_was_answered_200_reaches_an_api_and_what_is_double_is_named_however_often_the_daemon_is_killed() {
    let api = Collector::start().unwrap();
    let crm = format!(
        "  crm: {{ kind: http, preset: none, url: \"{}/secret\", in_flight: {IN_FLIGHT}, start: earliest, map: {{ id: $id, event: \
         event_id }} }}\n",
        api.url()
    );
    let installation = Installation::new(&(config::files() + &crm)).unwrap();
    let mut daemon = installation.start().unwrap();
    let (mut outcome, rounds) = (Outcome::default(), count("KALENDS_SOAK_ROUNDS", 10));
    for number in 0..rounds {
        let (restarted, of_round) = kills::round(&installation, daemon, number);
        daemon = restarted;
        outcome.merge(of_round);
    }
    daemon.wait_until_delivered(&["crm"]).unwrap();
    assert!(!daemon.log().unwrap().contains("secret"));
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    let ((times, events), doubts) = (sent(&api), doubts(&installation));
    let lost: Vec<_> = outcome.acknowledged.difference(&events).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), outcome.acknowledged.len());
    let unnamed: Vec<_> = times.iter().filter(|(id, times)| **times > 1 && !doubts.contains(*id)).collect();
    assert!(unnamed.is_empty(), "sent twice and not named: {unnamed:?}");
    let most = IN_FLIGHT * usize::try_from(rounds).unwrap();
    assert!(doubts.len() <= most, "{} are named after {rounds} kills", doubts.len());
}
