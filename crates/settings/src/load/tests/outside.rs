//! References to things outside of the configuration: names of topics and folders, directories, variables, files of
//! secrets.

use std::{ffi::OsString, fs, os::unix::ffi::OsStringExt, path::Path};

use super::{fails, load, load_text};
use crate::{SecretUse, load_with, test_kinds::KINDS};

const TOPIC_RULE: &str =
    "a topic's name consists of letters, digits, `.`, `_` and `-`, at most 249, and does not begin with `.`";

#[test]
fn a_topic_is_a_name_that_kafka_takes_and_a_folder_that_shows() {
    let head = "endpoints: { main: {} }\nsinks:\n  k:\n    kind: files\n    ";
    let long = "x".repeat(250);
    let names = [".hidden", ".", "..", "../up", "a/b", "a b", "\u{e9}", "\"a\\0b\"", long.as_str()];
    for name in names {
        let expected = format!("k.yaml:5:24: sinks.k.topics.names.Test: {TOPIC_RULE}");
        fails(&format!("{head}topics: {{ names: {{ Test: {name} }} }}\n"), &[], &[&expected]);
        let expected = format!("k.yaml:5:15: sinks.k.topics.prefix: {TOPIC_RULE}");
        fails(&format!("{head}topics: {{ prefix: {name} }}\n"), &[], &[&expected]);
    }
}

#[test]
fn a_prefix_leaves_room_for_the_rest_of_the_name() {
    let prefix = "x".repeat(249);
    let yaml = format!(
        "endpoints: {{ main: {{}} }}\nsinks: {{ k: {{ kind: files, topics: {{ prefix: {prefix} }} }} }}\n"
    );
    let told = load_text(&yaml, &[]).unwrap_err();
    assert!(
        told.lines().all(|line| line.contains("sinks.k.topics.prefix") && line.ends_with(TOPIC_RULE)),
        "{told}"
    );
}

#[test]
fn journal_and_sinks_of_files_do_not_reach_into_each_other() {
    let world = tempfile::tempdir().unwrap();
    fs::create_dir(world.path().join("j")).unwrap();
    std::os::unix::fs::symlink(world.path().join("j"), world.path().join("link")).unwrap();
    let load = |journal: &str, a: &str, b: &str| {
        let at = world.path().display();
        load_text(
            &format!(
                "endpoints: {{ main: {{}} }}\njournal: {{ directory: \"{at}/{journal}\" }}\nsinks:\n\
                 \x20 a: {{ kind: files, directory: \"{at}/{a}\" }}\n  b: {{ kind: files, directory: \"{at}/{b}\" }}\n"
            ),
            &[],
        )
    };
    load("j", "a", "b").unwrap();
    load("j", "jj", "a/../b").unwrap();
    let a = "k.yaml:4:21: sinks.a.directory: this directory";
    let b = "k.yaml:5:21: sinks.b.directory: this directory";
    let own = "each needs its own";
    for (journal, a_is, b_is, expected) in [
        ("j", "j/", "b", format!("{a} is that of the journal; {own}")),
        ("j", "x/../j", "b", format!("{a} is that of the journal; {own}")),
        ("j", "link", "b", format!("{a} is that of the journal; {own}")),
        ("j", "link/x", "b", format!("{a} is inside that of the journal; {own}")),
        ("a/j", "a", "b", format!("{a} has inside it that of the journal; {own}")),
        ("j", "a", "./a", format!("{b} is that of sink `a`; {own}")),
        ("j", "a", "a/b", format!("{b} is inside that of sink `a`; {own}")),
        (
            "j",
            "a\\0",
            "b",
            "k.yaml:4:21: sinks.a.directory: a path has no NUL character; write another".into(),
        ),
        (
            "j\\0",
            "a",
            "b",
            "k.yaml:2:12: journal.directory: a path has no NUL character; write another".into(),
        ),
    ] {
        assert_eq!(load(journal, a_is, b_is).unwrap_err(), expected, "{journal} {a_is} {b_is}");
    }
}

#[test]
fn a_variable_that_is_no_text_is_named() {
    let odd = || OsString::from_vec(vec![0xFF]);
    let mut name = b"KALENDS__".to_vec();
    name.push(0xFF);
    let env = [
        ("KALENDS__LOG__LEVEL".into(), odd()),
        (OsString::from_vec(name), "x".into()),
        ("OTHER".into(), odd()),
        (odd(), odd()),
    ];
    let problems = load(None, env.into_iter(), KINDS).unwrap_err().to_string();
    assert_eq!(
        problems,
        "KALENDS__LOG__LEVEL: this is no text in UTF-8; set it again\nKALENDS__\u{fffd}: this is no text in UTF-8; set it again"
    );
}

#[test]
fn a_secret_file_is_a_small_regular_file() {
    let directory = tempfile::tempdir().unwrap();
    let large = directory.path().join("large");
    fs::write(&large, "x".repeat((64 << 10) + 1)).unwrap();
    for (path, reason) in [
        (
            large.to_str().unwrap(),
            "it is larger than 64 KiB, which no secret is; write the path of the secret alone",
        ),
        ("/dev/zero", "it is no regular file; write the path of one"),
        ("/dev", "it is no regular file; write the path of one"),
    ] {
        let yaml = format!(
            "sinks: {{ files: {{ kind: files }} }}\nendpoints: {{ main: {{ tokens: [{{ file: {path} }}] }} }}\n"
        );
        let expected = format!(
            "k.yaml:2:31: endpoints.main.tokens[0]: the secret in file {path} can't be read: {reason}"
        );
        fails(&yaml, &[], &[&expected]);
    }
}

#[test]
fn a_secret_file_is_read_without_the_line_feed_at_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    fs::write(&file, "hunter2\n").unwrap();
    let path = file.display();
    let yaml = format!(
        "sinks: {{ files: {{ kind: files }} }}\nendpoints: {{ main: {{ tokens: [{{ file: {path} }}] }} }}\n"
    );
    let settings = load_text(&yaml, &[]).unwrap();
    assert_eq!(settings.endpoints["main"].tokens[0].expose(), "hunter2");
}

#[test]
fn no_nesting_and_no_size_of_a_configuration_is_too_much() {
    let nested = [
        "a: ".to_owned() + &"[".repeat(100_000),
        "a:\n  ".to_owned() + &"- ".repeat(500_000),
        "{a: ".repeat(100_000),
    ];
    for yaml in nested {
        assert!(load_text(&yaml, &[]).unwrap_err().contains("this is no valid YAML"), "{}", &yaml[..20]);
    }
    let large = "# ".to_owned() + &"x".repeat(1 << 20);
    assert!(load_text(&large, &[]).unwrap_err().contains("larger than 1 MiB"));
}

#[test]
fn no_two_sinks_write_the_same_events_to_the_same_topic() {
    let load = |a: &str, b: &str| {
        load_text(
            &format!(
                "endpoints: {{ main: {{}} }}\nsinks:\n\
                 \x20 a: {{ kind: kafka, brokers: \"k1:9092,k2:9092\"{a} }}\n\
                 \x20 b: {{ kind: kafka, brokers: \"k2:9092, k1:9092\"{b} }}\n"
            ),
            &[],
        )
    };
    for (a, b) in [
        ("", ", topics: { prefix: b. }"),
        (", only: [Subscribe]", ", except: [Subscribe]"),
        (", only: [Subscribe, DeadLetter]", ", only: [Unsubscribe, DeadLetter]"),
    ] {
        load(a, b).unwrap();
    }
    for (a, b, place) in [
        ("", "", "k.yaml:4:3: sinks.b.topics"),
        (", only: [Subscribe]", ", only: [Test, Subscribe]", "k.yaml:4:3: sinks.b.topics"),
        ("", ", topics: { prefix: b., names: { Test: rokt.calendar.test } }", "k.yaml:4:"),
    ] {
        let told = load(a, b).unwrap_err();
        assert!(told.starts_with(place) && told.contains("sink `a` writes to `rokt.calendar."), "{told}");
        assert_eq!(told.lines().count(), 1, "once, not for every topic: {told}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let problems =
        load(Some(Path::new("/nowhere/k.yaml")), std::iter::empty(), KINDS).unwrap_err().to_string();
    assert!(problems.starts_with("/nowhere/k.yaml: the configuration can't be read: "), "{problems}");
}

#[test]
fn a_secret_that_nobody_uses_is_not_missed_and_one_that_is_used_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("k.yaml");
    let text = "\
endpoints: { main: { path: { env: NO_PATH }, tokens: [{ env: NO_TOKEN }] } }
sinks:
  files: { kind: files, privacy: { classes: { email: hash }, key: { file: /nowhere/key } } }
  kafka:
    kind: kafka
    brokers: localhost:9092
    properties: { security.protocol: SASL_SSL, sasl.mechanism: PLAIN, sasl.username: u, sasl.password: { env: NO_PASSWORD } }
";
    fs::write(&file, text).unwrap();
    let missed = |secrets| {
        let read = load_with(Some(&file), std::iter::empty(), KINDS, secrets);
        read.map_or_else(|problems| problems.to_string(), |_| String::new())
    };
    assert_eq!(missed(SecretUse::None), "");
    let all = missed(SecretUse::All);
    for name in ["NO_PATH", "NO_TOKEN", "/nowhere/key", "NO_PASSWORD"] {
        assert!(all.contains(name), "{all}");
    }
    let of_one = missed(SecretUse::Sink("kafka"));
    assert!(of_one.contains("NO_PASSWORD") && of_one.lines().count() == 1, "{of_one}");
    assert_eq!(missed(SecretUse::Sinks).lines().count(), 2);
}
