//! What stands in the tables, held against what was promised.

use std::collections::{BTreeMap, BTreeSet};

use kalends_tests::{
    Daemon, Installation, event, load::Outcome, postgres::Postgres, wait::PATIENCE, wait_until,
};

/// A count from the environment, for soaks.
pub(crate) fn count(variable: &str, small: u64) -> u64 {
    std::env::var(variable)
        .map_or(small, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}: no number")))
}

/// Sends so many events, each of which must be taken; they belong to the outcome.
pub(crate) fn post(daemon: &Daemon, name: &str, events: u64, outcome: &mut Outcome) {
    for number in 0..events {
        let id = format!("{name}-{number}");
        assert_eq!(daemon.post(event::webhook(&id, number)).unwrap().status, 200);
        outcome.acknowledged.insert(id);
    }
}

/// How often each event stands in the tables of events.
pub(crate) fn times(server: &Postgres) -> BTreeMap<String, usize> {
    let tables = ["subscribe", "unsubscribe", "subscription_details_updated"];
    let each = tables.map(|table| format!("SELECT event_id FROM rokt.{table}"));
    let mut times = BTreeMap::new();
    for id in server.sql(&each.join(" UNION ALL ")).unwrap().lines() {
        *times.entry(id.to_owned()).or_default() += 1;
    }
    times
}

/// Every event answered 200 stands there once, every other at most once, and nothing that nobody sent.
pub(crate) fn assert_once(server: &Postgres, outcome: &Outcome) {
    let times = times(server);
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "more than once: {twice:?}");
    let stored: BTreeSet<String> = times.into_keys().collect();
    let lost: Vec<_> = outcome.acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), outcome.acknowledged.len());
    let sent: BTreeSet<_> = outcome.acknowledged.union(&outcome.unknown).cloned().collect();
    let invented: Vec<_> = stored.difference(&sent).collect();
    assert!(invented.is_empty(), "sent by nobody: {invented:?}");
}

/// The state that was kept is the one that the rows make.
pub(crate) fn assert_state_is_of_the_rows(server: &Postgres, installation: &Installation) {
    let state = || {
        let order = "calendar_subscription_id COLLATE \"C\"";
        server.sql(&format!("SELECT s::text FROM rokt.subscription_state s ORDER BY {order}")).unwrap()
    };
    let kept = state();
    assert!(kept.lines().count() > 10, "{kept}");
    let printed = installation.run(["schemas", "ddl", "--rebuild-state", "-c", "kalends.yaml"]).unwrap();
    let statement = String::from_utf8(printed.stdout).unwrap();
    server.sql(&format!("TRUNCATE rokt.subscription_state;\n{statement}")).unwrap();
    assert_eq!(state(), kept);
}

/// Waits until the status of the sink `database` names this as its last error.
pub(crate) fn wait_for_error(daemon: &Daemon, words: &str) {
    wait_until(&format!("`{words}` in the status"), PATIENCE, || {
        let status = daemon.status()?;
        let error = status["sinks"][0]["last_error"].as_str().unwrap_or_default();
        anyhow::ensure!(error.contains(words), "{error}");
        Ok(Some(()))
    })
    .unwrap();
}
