//! `kalends dead-letters`: what became no event, and why, without what is personal in it.

use std::fs;

use kalends_tests::{Installation, config, event};
use serde_json::Value;

const SECRET: &str = "planted.person@example.org";

fn run(installation: &Installation, args: &str) -> (i32, String, String) {
    let output = installation.run(args.split(' ')).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Positions 1 and 3 are dead letters; the second sink gets none.
fn installation() -> Installation {
    let few = "  few: { kind: files, directory: ./few, roll_every: 1s, only: [Subscribe] }\n";
    let installation = Installation::new(&(config::files() + few)).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(format!("{{ \"emailAddress\": \"{SECRET}\" ")).unwrap();
    daemon.post(event::webhook("a", 1)).unwrap();
    daemon
        .post(format!("{{ \"eventId\": \"e-3\", \"eventType\": \"Subscribe\", \"x\": \"{SECRET}\" }}"))
        .unwrap();
    daemon.wait_until_delivered(&["files", "few"]).unwrap();
    daemon.terminate().unwrap();
    installation
}

#[test]
fn a_list_names_each_dead_letter_and_nobody() {
    let installation = installation();
    let (code, out, err) = run(&installation, "dead-letters list -c kalends.yaml");
    assert_eq!((code, err.as_str(), out.lines().count()), (0, "", 3), "{out}");
    let (code, json, _) = run(&installation, "dead-letters list -c kalends.yaml --json");
    let letters: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        letters.iter().map(|letter| (letter["position"].as_u64(), letter["reason"].as_str())).collect();
    assert_eq!((code, told), (0, vec![(Some(1), Some("invalid-json")), (Some(3), Some("not-an-event"))]));
    assert_eq!(letters[0]["sinks"], serde_json::json!({ "files": "invalid-json" }));
    assert!(!(out + &json).contains("planted"));
}

#[test]
fn a_list_can_be_of_one_sink_or_of_some_time() {
    let installation = installation();
    for (options, count) in [
        ("--sink files", 2),
        ("--sink few", 0),
        ("--from 2020-01-01T00:00:00Z", 2),
        ("--to 2020-01-01T00:00:00Z", 0),
        ("--from 2200-01-01T00:00:00Z", 0),
    ] {
        let (code, out, err) =
            run(&installation, &format!("dead-letters list -c kalends.yaml --json {options}"));
        assert_eq!((code, out.lines().count()), (0, count), "{options}: {out}{err}");
        assert_eq!(err.starts_with("no dead letters"), count == 0, "{options}: {err}");
    }
}

#[test]
fn the_body_of_a_dead_letter_is_shown_when_asked_for_alone() {
    let installation = installation();
    let (code, out, _) = run(&installation, "dead-letters show 1 -c kalends.yaml");
    assert_eq!(code, 0);
    for part in [
        "dead letter  invalid-json: ",
        "position     1",
        "sink         files was given it (invalid-json)",
        "topic        rokt.calendar.dead-letter (sink files)",
        "header       ce_type: rokt.calendar.DeadLetter",
        "header       __connect.errors.exception.class.name: invalid-json",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("planted"), "{out}");
    let (_, with_body, _) = run(&installation, "dead-letters show 1 -c kalends.yaml --body");
    assert_eq!(with_body, format!("{out}\n{{ \"emailAddress\": \"{SECRET}\" "));
    let (_, json, _) = run(&installation, "dead-letters show 1 -c kalends.yaml --body --json");
    let letter: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(letter["body"], format!("{{ \"emailAddress\": \"{SECRET}\" "));
    assert_eq!(letter["headers"]["kalends-position"], "0:1");
}

#[test]
fn what_a_sink_was_given_as_a_dead_letter_is_one_even_if_it_is_an_event_now() {
    let installation = installation();
    // As a sink notes what it has refused.
    fs::write(installation.path("journal/sinks/few.dead-letters"), "2 too-large\n").unwrap();
    let (_, json, _) = run(&installation, "dead-letters list -c kalends.yaml --json --sink few");
    let letter: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&letter["position"], &letter["reason"], &letter["is_event_now"]),
        (&2.into(), &"too-large".into(), &true.into())
    );
    let (code, out, _) = run(&installation, "dead-letters show 2 -c kalends.yaml");
    assert_eq!(code, 0);
    assert!(out.contains("event: `kalends replay --sink few --dead-letters -c "), "{out}");
}
