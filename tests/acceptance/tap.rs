//! `kalends tap`: what a sink gets, live.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Stdio},
};

use kalends_tests::{
    Installation, config, event,
    wait::{PATIENCE, wait_until},
};
use serde_json::Value;

fn tap(installation: &Installation, options: &str) -> (Child, BufReader<ChildStdout>) {
    let words = ["tap", "-c", "kalends.yaml"].into_iter().chain(options.split_whitespace());
    let mut child = installation.command(words).unwrap().stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

fn line(out: &mut impl BufRead) -> Value {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

fn person(id: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{"subscription":{{"calendarSubscriptionId":"s","emailAddress":"planted@example.org"}}}}}}"#
    )
}

#[test]
fn tap_shows_what_a_sink_gets_after_privacy_and_without_repetitions() {
    let configuration = config::files()
        + "  crm: { kind: files, directory: ./crm, except: [Unsubscribe], privacy: { classes: { email: drop } } }\n";
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(person("before")).unwrap();
    daemon.post(person("e-1")).unwrap();
    let (mut child, mut out) = tap(&installation, "--sink crm --from 2 --limit 3");
    assert_eq!(line(&mut out)["position"], 2);
    daemon
        .post(r#"{"eventId":"u","eventType":"Unsubscribe","eventDetails":{"calendarSubscriptionId":"s"}}"#)
        .unwrap();
    daemon.post(person("before")).unwrap();
    daemon.post(person("e-5")).unwrap();
    daemon.post("{ no event").unwrap();
    let fifth = line(&mut out);
    assert_eq!((&fifth["position"], &fifth["record"]["event_id"]), (&5.into(), &"e-5".into()));
    assert_eq!((&fifth["key"], &fifth["topic"]), (&"s".into(), &"rokt.calendar.subscribe".into()));
    assert!(!fifth.to_string().contains("planted"), "{fifth}");
    assert_eq!(line(&mut out)["dead_letter"]["reason"], "invalid-json");
    assert_eq!(child.wait().unwrap().code(), Some(0), "there were as many as wanted");
}

#[test]
fn tap_ends_when_its_reader_leaves_though_nothing_comes() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(event::webhook("a", 1)).unwrap();
    let (mut child, mut out) = tap(&installation, "--from earliest");
    assert_eq!(line(&mut out)["position"], 1);
    drop(out);
    let code = wait_until("the end of tap", PATIENCE, || Ok(child.try_wait()?)).unwrap();
    assert_eq!(code.code(), Some(0));
}

#[test]
fn tap_asks_for_a_sink_where_there_are_several_and_names_what_is_kept() {
    let installation = Installation::new(&config::many_files(2)).unwrap();
    installation.start().unwrap().terminate().unwrap();
    for (options, code, part) in [
        ("", 64, "files0, files1"),
        ("--sink nobody", 64, "there is no sink `nobody`"),
        ("--sink files0 --from 9", 65, "no receipt at position 9"),
    ] {
        let words = ["tap", "-c", "kalends.yaml"].into_iter().chain(options.split_whitespace());
        let output = installation.run(words).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{options}: {said}");
        assert!(said.contains(part), "{options}: {said}");
    }
}
