//! An HTTP API that refuses an event: live delivery goes on, and a replay comes to its end.

use kalends_tests::{Installation, collector::Collector, config, event};
use serde_json::Value;

/// Event ids that the API has been sent, in order.
fn sent(api: &Collector) -> Vec<String> {
    let id = |body: Value| body["event"].as_str().unwrap().to_owned();
    api.requests().iter().map(|request| id(serde_json::from_slice(&request.body).unwrap())).collect()
}

/// The summary of `kalends replay … --json`.
fn replay(installation: &Installation, more: &[&str]) -> Value {
    let all = ["replay", "-c", "kalends.yaml", "--sink", "crm", "--json"].iter().chain(more);
    let output = installation.run(all).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_event_that_an_api_refuses_stops_neither_its_neighbours_nor_a_replay() {
    let api = Collector::start().unwrap();
    api.refuse(Some("\"bad\""));
    let crm = format!(
        "  crm: {{ kind: http, preset: none, url: \"{}\", start: earliest, map: {{ event: event_id }} }}\n",
        api.url()
    );
    let installation = Installation::new(&(config::files() + &crm)).unwrap();
    let daemon = installation.start().unwrap();
    for (id, number) in [("a", 0), ("bad", 3), ("c", 6)] {
        daemon.post(event::webhook(id, number)).unwrap();
    }
    daemon.post("no event").unwrap();
    daemon.wait_until_delivered(&["files", "crm"]).unwrap();
    for good in ["a", "c"] {
        assert_eq!(sent(&api).iter().filter(|id| *id == good).count(), 1, "{good}");
    }
    let listed =
        installation.run(["dead-letters", "list", "--sink", "crm", "--json", "-c", "kalends.yaml"]).unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("rejected-by-sink") && listed.contains("invalid-json"), "{listed}");

    // The last commit of the replay, which a stop forces, fails at the event.
    replay(&installation, &["--type", "Subscribe"]);
    for good in ["a", "c"] {
        assert_eq!(sent(&api).iter().filter(|id| *id == good).count(), 2, "{good}");
    }

    api.refuse(None);
    replay(&installation, &["--dead-letters"]);
    assert_eq!(sent(&api).last().unwrap(), "bad", "delivered once the API takes it");
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}
