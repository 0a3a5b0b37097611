use kalends_tests::{Installation, config, load::Outcome, postgres::Postgres, sample};
use rustix::process::Signal;

use crate::tables::{assert_once, post};

/// Asleep with events that it has not committed, while another delivers them from a copy of its journal.
#[test]
fn a_daemon_that_slept_while_another_took_over_writes_nothing_and_names_it() {
    let Some(server) = Postgres::start("zombie").unwrap() else { return };
    let slow = config::postgres(server.place(), "").replace("commit_every: 100ms", "commit_every: 2s");
    let installation = Installation::new(&slow).unwrap();
    let mut sleeper = installation.start().unwrap();
    let mut outcome = Outcome::default();
    post(&sleeper, "before", 20, &mut outcome);
    sleeper.wait_until_delivered(&["database"]).unwrap();
    post(&sleeper, "uncommitted", 20, &mut outcome);
    sleeper.signal(Signal::STOP).unwrap();
    let copy = installation.copy().unwrap();
    let successor = copy.start().unwrap();
    post(&successor, "after", 20, &mut outcome);
    successor.wait_until_delivered(&["database"]).unwrap();

    sleeper.signal(Signal::CONT).unwrap();
    post(&sleeper, "unheard", 20, &mut Outcome::default());
    let told = sleeper.wait_until_on_hold("database").unwrap();
    let owner = server.sql("SELECT 'instance ' || instance || ' on ' || host FROM rokt.checkpoints").unwrap();
    for words in ["another process delivers", "kalends sinks resume database", &owner] {
        assert!(told.contains(words), "no `{words}` in {told}");
    }
    post(&successor, "later", 5, &mut outcome);
    successor.wait_until_delivered(&["database"]).unwrap();
    assert_eq!(successor.terminate().unwrap().code(), Some(0));
    assert_eq!(sleeper.terminate().unwrap().code(), Some(0));
    assert_once(&server, &outcome);
}

#[test]
fn two_daemons_with_two_sinks_each_share_a_schema_and_each_row_stands_there_once() {
    let Some(server) = Postgres::start("shared").unwrap() else { return };
    let people = "only: [Subscribe, Unsubscribe, SubscriptionDetailsUpdated]";
    let rest = "except: [Subscribe, Unsubscribe, SubscriptionDetailsUpdated], subscriptions: false";
    let second = config::postgres_sink("rest", server.place(), rest);
    let configuration = config::postgres(server.place(), people) + &second;
    let installations = [(); 2].map(|()| Installation::new(&configuration).unwrap());
    // Both make the schema at once.
    let daemons = installations.each_ref().map(|installation| installation.start().unwrap());
    let mut outcome = Outcome::default();
    let samples = sample::seven().unwrap();
    for (daemon, name) in daemons.iter().zip(["one", "two"]) {
        post(daemon, name, 50, &mut outcome);
        assert_eq!(daemon.post("no JSON").unwrap().status, 200);
        for sample in &samples {
            assert_eq!(daemon.post(&sample.body).unwrap().status, 200);
        }
    }
    for daemon in daemons {
        daemon.wait_until_delivered(&["database", "rest"]).unwrap();
        assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    }
    let count = |from: &str| server.sql(&format!("SELECT count(*) FROM rokt.{from}")).unwrap();
    assert_eq!(count("dead_letter"), "2", "one of each journal, though two sinks have it");
    assert_eq!(count("subscription_event_added"), "2");
    assert_eq!(count("checkpoints"), "4");
    let of_load = "SELECT event_id FROM rokt.subscribe WHERE event_id LIKE '%-%' AND length(event_id) < 10";
    let stored =
        server.sql(&format!("SELECT count(*), count(DISTINCT event_id) FROM ({of_load}) s")).unwrap();
    assert_eq!(stored, "34|34");
}
