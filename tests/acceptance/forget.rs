//! `kalends forget`: nothing personal of somebody leaves the journal any more, by whatever way.

use std::fs;

use kalends_tests::{Installation, config, tree::files_under};
use rustix::process::Signal;
use serde_json::Value;

const ADDRESS: &str = "Planted.Person@example.org";

fn run(installation: &Installation, args: &str) -> (i32, String) {
    let words = args.split(' ').chain(["-c", "kalends.yaml"]);
    let output = installation.run(words).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

fn subscribe(id: &str, subscription: &str, address: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{"subscription":{{"calendarSubscriptionId":"{subscription}","emailAddress":"{address}","subscriberExternalId":"x-{subscription}","remoteIpAddress":"203.0.113.9"}}}}}}"#
    )
}

fn unsubscribe(id: &str, subscription: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"Unsubscribe","eventDetails":{{"subscription":{{"calendarSubscriptionId":"{subscription}","remoteIpAddress":"203.0.113.9"}}}}}}"#
    )
}

/// Everything that stands in the files of a folder, whatever is compressed read as records.
fn records(installation: &Installation, folder: &str) -> Vec<Value> {
    let files = files_under(&installation.path(folder)).unwrap();
    let avro = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "avro"));
    let mut records: Vec<Value> = avro
        .flat_map(|file| {
            let output = installation.run(["cat", file.to_str().unwrap()]).unwrap();
            let lines = String::from_utf8(output.stdout).unwrap();
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>()
        })
        .collect();
    records.sort_by_key(|record| record["journal_position"].as_u64());
    records
}

/// A person at positions 1 to 3, somebody else at 4 and 5, and dead letters at 6 (the person's) and 7.
fn bodies() -> [String; 7] {
    [
        subscribe("e-1", "S-1", ADDRESS),
        unsubscribe("e-2", "s-1"),
        subscribe("e-3", "s-3", &ADDRESS.to_uppercase()),
        subscribe("e-4", "s-4", "other@example.org"),
        unsubscribe("e-5", "s-5"),
        format!("{{ \"emailAddress\": \"{ADDRESS}\", "),
        "{ \"emailAddress\": \"other@example.org\", ".to_owned(),
    ]
}

/// What a sink was given after the person was forgotten: all seven, of which four say nothing personal.
fn assert_forgotten(records: &[Value]) {
    let positions: Vec<_> =
        records.iter().map(|record| record["journal_position"].as_u64().unwrap()).collect();
    assert_eq!(positions, [1, 2, 3, 4, 5, 6, 7], "every event is delivered");
    let text = serde_json::to_string(&records).unwrap().to_lowercase();
    assert!(!text.contains("planted"), "{text}");
    for position in [1, 2, 3] {
        let record = &records[position - 1];
        assert!(
            record["remote_ip_address"].is_null() && record["calendar_subscription_id"].is_string(),
            "{record}"
        );
    }
    assert_eq!(records[3]["email_address"], "other@example.org");
    assert_eq!(records[4]["remote_ip_address"], "203.0.113.9");
    assert!(records[5]["body"].is_null() && records[5]["body_bytes"].is_number(), "{}", records[5]);
    assert!(records[6]["body"].as_str().unwrap().contains("other@example.org"), "{}", records[6]);
}

#[test]
fn forgotten_people_leave_by_no_lagging_sink_replay_new_sink_explain_or_tap() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    for body in bodies() {
        assert_eq!(daemon.post(body).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    let (code, said) = run(&installation, &format!("forget --email {}", ADDRESS.to_lowercase()));
    assert_eq!(code, 64, "{said}");
    assert!(
        said.contains("4 webhooks") && said.contains("2 subscriptions") && said.contains("add --yes"),
        "{said}"
    );
    assert!(said.contains("not reached: 4 of them that sink files has had"), "{said}");
    assert!(!said.to_lowercase().contains("planted"), "{said}");
    assert!(!installation.path("journal/forgotten").exists(), "it only tells");
    let (code, said) = run(&installation, &format!("forget --yes --email {}", ADDRESS.to_lowercase()));
    assert!(code == 0 && said.contains("no daemon runs"), "{said}");
    for file in files_under(&installation.path("journal/forgotten")).unwrap() {
        let text = fs::read_to_string(file).unwrap().to_lowercase();
        assert!(!text.contains("planted") && !text.contains("s-1") && !text.contains("example"), "{text}");
    }

    // A new sink, from the earliest webhook on.
    installation
        .configure(&(config::files() + "  new: { kind: files, directory: ./new, roll_every: 1s }\n"))
        .unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["new"]).unwrap();
    assert_forgotten(&records(&installation, "new"));
    let (_, status) = run(&installation, &format!("status --json --address {}", daemon.admin()));
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["sinks"][0]["forgotten"], 3, "an address and two subscriptions");
    let (_, words) = run(&installation, &format!("status --address {}", daemon.admin()));
    assert!(words.contains("forgotten: 3 entries"), "{words}");

    let (code, said) = run(&installation, "replay --sink files --id again");
    assert_eq!(code, 0, "{said}");
    assert_forgotten(&records(&installation, "events/replay=again"));
    let (_, lines) = run(&installation, "tap --sink files --from earliest --limit 7");
    let tapped: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let tapped: Vec<Value> = tapped.into_iter().map(|line| line["record"].clone()).collect();
    assert_forgotten(&tapped);
    let (_, explained) = run(&installation, "explain --at 3");
    assert!(explained.contains("forgotten") && !explained.to_lowercase().contains("planted"), "{explained}");
    let (_, shown) = run(&installation, "dead-letters show 6 --body");
    assert!(!shown.to_lowercase().contains("planted") && shown.contains("not shown"), "{shown}");
}

#[test]
fn forget_takes_effect_at_once_in_a_running_daemon_and_survives_a_kill() {
    // So seldom does it publish that what stands in its part is committed by the command.
    let configuration = config::files().replace("roll_every: 1s", "roll_every: 1h");
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(subscribe("e-1", "s-1", ADDRESS)).unwrap();
    daemon.post(subscribe("e-2", "s-2", "x@example.org")).unwrap();
    let (code, said) = run(&installation, "forget --yes --json --external-id x-s-1");
    let told: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(
        (code, &told["outcome"], &told["daemon_uses_it"]),
        (0, &"done".into(), &true.into()),
        "{said}"
    );
    // Written before, and so committed before the command said done.
    assert_eq!(records(&installation, "events").len(), 2);
    daemon.kill().unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(subscribe("e-3", "s-1", "third@example.org")).unwrap();
    daemon.post(subscribe("e-4", "s-9", ADDRESS)).unwrap();
    daemon.terminate().unwrap();
    let records = records(&installation, "events");
    let addresses: Vec<_> = records.iter().map(|record| record["email_address"].as_str()).collect();
    assert_eq!(
        addresses,
        [Some(ADDRESS), Some("x@example.org"), None, Some(ADDRESS)],
        "an external id was named"
    );
}

#[test]
fn list_of_forgotten_people_that_can_not_be_read_holds_every_sink() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(subscribe("e-1", "s-1", ADDRESS)).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    assert_eq!(run(&installation, "forget --yes --subscription S-1").0, 0);
    fs::write(installation.path("journal/forgotten/key"), "no key").unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(subscribe("e-2", "s-1", ADDRESS)).unwrap();
    let hold = daemon.wait_until_on_hold("files").unwrap();
    assert!(hold.contains("the list of forgotten people can't be used"), "{hold}");
    let (code, said) = run(&installation, "forget --yes --subscription s-2");
    assert!(code == 74 && said.contains("this is no key"), "{said}");
}

#[test]
fn forget_says_so_when_a_running_daemon_does_not_answer() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    daemon.signal(Signal::STOP).unwrap();
    let (code, said) = run(&installation, "forget --yes --subscription s-1");
    daemon.signal(Signal::CONT).unwrap();
    assert!(code == 69 && said.contains("the list is durable") && said.contains("sink files"), "{said}");
    let (code, said) = run(&installation, "forget --yes --subscription s-1");
    assert!(code == 0 && said.contains("every sink of the running daemon uses it"), "{said}");
}
