//! The command line, run as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

const EVENT: &str = r#"{ "eventId": "e-1", "eventType": "SubscriptionEventRemoved", "eventDetails": {
    "subscription": { "calendarSubscriptionId": "s-1" }, "subscriptionEvent": { "eventId": "391756" }, } }"#;

/// Runs `kalends` with nothing of this process's environment that it would read.
fn kalends(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalends"));
    command.args(args).env_clear();
    command
}

fn output(args: &[&str]) -> (i32, String, String) {
    read(&kalends(args).output().unwrap())
}

fn read(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_command_line_that_makes_no_sense_exits_64() {
    for args in [&[][..], &["frob"], &["check", "--frob"], &["cat"], &["send", "--url", "https://localhost/"]]
    {
        let (code, out, err) = output(args);
        assert_eq!((code, out.as_str()), (64, ""), "{args:?}: {err}");
        assert!(!err.is_empty(), "{args:?}");
    }
}

#[test]
fn a_configuration_is_refused_where_it_would_be_ignored() {
    for command in [&["demo"][..], &["send"], &["cat", "x.avro"]] {
        let (code, _, err) = output(&[command, &["-c", "k.yaml"]].concat());
        assert_eq!(code, 64, "{command:?}: {err}");
    }
}

#[test]
fn check_tells_all_problems_on_standard_error_and_exits_78() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("k.yaml");
    std::fs::write(&file, "lisen: {}\nendpoints: { main: {} }\nsinks: { a: { kind: file } }\n").unwrap();
    let (code, out, err) = output(&["check", "-c", path(&file)]);
    assert_eq!((code, out.as_str()), (78, ""));
    let name = file.display();
    let expected = format!(
        "{name}:1:1: lisen: unknown key `lisen`; did you mean `listen`?\n\
         {name}:3:15: sinks.a.kind: unknown kind of sink `file`; did you mean `files`?\n"
    );
    assert_eq!(err, expected);
}

#[test]
fn check_says_that_a_sound_configuration_is_sound() {
    assert_eq!(
        output(&["check"]),
        (
            0,
            "the built-in configuration: sound (1 endpoint, 1 sink)\nsink files (files): exactly-once\n"
                .into(),
            String::new()
        )
    );
    let full = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/kalends.full.yaml");
    let (code, _, err) = read(&kalends(&["check"]).env("KALENDS_CONFIG", full).output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
}

#[test]
fn check_tells_programs_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("k.yaml");
    std::fs::write(&file, "lisen: {}\nendpoints: { main: {} }\nsinks: { a: { kind: files } }\n").unwrap();
    let (code, out, _) = output(&["check", "--json", "-c", path(&file)]);
    let told: Value = serde_json::from_str(&out).unwrap();
    let problem = json!({
        "file": path(&file), "line": 1, "column": 1, "variable": null, "key": "lisen",
        "message": "unknown key `lisen`; did you mean `listen`?",
    });
    assert_eq!((code, &told["sound"], &told["problems"]), (78, &json!(false), &json!([problem])));
    let (code, out, _) = output(&["check", "--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["sound"], &told["sinks"]), (0, &json!(true), &json!(1)));
}

#[test]
fn check_reads_overrides_from_the_environment() {
    let (code, _, err) = read(&kalends(&["check"]).env("KALENDS__LOG__LEVEL", "loud").output().unwrap());
    assert_eq!(code, 78);
    assert!(err.starts_with("KALENDS__LOG__LEVEL: log.level: unknown word `loud`"), "{err}");
}

#[test]
fn explain_shows_topic_key_headers_quirks_and_record() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("event.json");
    std::fs::write(&file, EVENT).unwrap();
    let (code, out, err) = output(&["explain", "--json", path(&file)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let account: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(account["record_type"], "SubscriptionEventRemoved");
    assert_eq!(account["topics"], json!({ "files": "rokt.calendar.subscription-event-removed" }));
    assert_eq!(account["key"], "s-1");
    assert_eq!(account["headers"]["ce_id"], "e-1");
    assert_eq!(account["quirks"][0]["quirk"], "trailing-comma");
    assert_eq!(account["record"]["subscription_event_id"], "391756");
    assert_eq!(account["dead_letter"], Value::Null);
    let (_, text, _) = output(&["explain", path(&file)]);
    for part in
        ["rokt.calendar.subscription-event-removed (sink files)", "key          s-1", "trailing-comma"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn explain_sends_nothing_of_a_body_to_the_terminal_but_text() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("event.json");
    let body = r#"{ "eventId": "1\u001b]0;x\u0007", "eventType": "a\u009b2J", "eventDetails": { "k\u001b[2J": 1 } }"#;
    std::fs::write(&file, body).unwrap();
    let (code, out, _) = output(&["explain", path(&file)]);
    assert_eq!(code, 0);
    assert!(!out.contains(|c: char| c.is_control() && c != '\n'), "{out:?}");
}

#[test]
fn explain_reads_standard_input_and_says_why_a_body_is_a_dead_letter() {
    let mut child = kalends(&["explain"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"not json").unwrap();
    let (code, out, err) = read(&child.wait_with_output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("dead letter  invalid-json: "), "{out}");
    assert!(out.contains("rokt.calendar.dead-letter"), "{out}");
}

#[test]
fn explain_says_what_the_listener_of_the_configuration_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let [empty, event, configuration] =
        ["empty.json", "event.json", "k.yaml"].map(|name| directory.path().join(name));
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&event, EVENT).unwrap();
    std::fs::write(
        &configuration,
        "listen: { max_body: 100B }\nendpoints: { main: { path: /a } }\nsinks: { a: { kind: files } }\n",
    )
    .unwrap();
    let (code, text, err) = output(&["explain", path(&empty)]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(text, "refused      400 empty: an empty body is not stored\n");
    let (code, out, err) = output(&["explain", "--json", "-c", path(&configuration), path(&event)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told["refused"]["status"], &told["refused"]["reason"]), (&json!(413), &json!("too-large")));
    assert_eq!((&told["dead_letter"], &told["record"]), (&Value::Null, &Value::Null));
}

#[test]
fn explain_names_the_kafka_sink_of_the_configuration_and_none_that_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let [body, configuration] = ["body.json", "k.yaml"].map(|name| directory.path().join(name));
    std::fs::write(&body, "not json").unwrap();
    let kafka = "kind: kafka, brokers: localhost:9092";
    std::fs::write(
        &configuration,
        format!(
            "endpoints: {{ main: {{ path: /a }} }}\nsinks:\n  events: {{ {kafka}, except: [DeadLetter] }}\n  \
             letters: {{ {kafka}, only: [DeadLetter] }}\n"
        ),
    )
    .unwrap();
    let sink = "__connect.errors.connector.name";
    let (_, text, _) = output(&["explain", path(&body)]);
    assert!(text.contains("\nheaders      of no sink here") && !text.contains(sink), "{text}");
    let (code, text, err) = output(&["explain", "-c", path(&configuration), path(&body)]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        text.contains(&format!("\nheader       {sink}: letters\n")) && !text.contains("headers "),
        "{text}"
    );
}

#[test]
fn explain_takes_many_files_and_files_of_many_bodies() {
    let directory = tempfile::tempdir().unwrap();
    let (one, many) = (directory.path().join("one.json"), directory.path().join("many.ndjson"));
    std::fs::write(&one, EVENT).unwrap();
    let body = |id: &str| json!({ "eventId": id, "eventType": "Test" }).to_string();
    std::fs::write(&many, format!("{}\r\n\n  \nnot json\n{}", body("a"), body("b"))).unwrap();
    let (code, out, err) = output(&["explain", "--json", "--lines", path(&many)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let accounts: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        accounts.iter().map(|account| (account["body"].as_str(), account["key"].as_str())).collect();
    let named = |line: u8| format!("{}:{line}", path(&many));
    let (first, fourth, fifth) = (named(1), named(4), named(5));
    assert_eq!(
        told,
        [(Some(first.as_str()), Some("a")), (Some(&fourth), Some("1")), (Some(&fifth), Some("b"))]
    );
    assert_eq!(accounts[1]["dead_letter"]["reason"], "invalid-json");
    let (code, text, _) = output(&["explain", path(&one), path(&many), "/nowhere/x"]);
    assert_eq!(code, 74);
    let bodies: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("body         ")).collect();
    assert_eq!(bodies, [path(&one), path(&many)]);
}

#[test]
fn schemas_list_names_every_record_type_and_where_it_comes_from() {
    let (code, out, err) = output(&["schemas", "list"]);
    assert_eq!((code, err.as_str(), out.lines().count()), (0, "", 11));
    assert!(
        out.lines().any(|line| line.starts_with("rokt.calendar.Subscribe ") && line.ends_with("built-in"))
    );
    let (_, out, _) = output(&["schemas", "list", "--json"]);
    let records: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 10);
    assert_eq!(records[2]["event_types"], json!(["SubscriptionDetailsUpdated", "SubscriptionDetailsUpdate"]));
    assert_eq!(records[0]["file"], Value::Null);
}

#[test]
fn schemas_show_prints_what_a_registry_gets() {
    let (code, out, err) = output(&["schemas", "show", "subscribe"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(!out.contains("kalends"), "{out}");
    let (_, line, _) = output(&["schemas", "show", "--json", "rokt.calendar.Subscribe"]);
    assert_eq!(line.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), serde_json::from_str::<Value>(&line).unwrap());
    let schema = apache_avro::Schema::parse_str(&out).unwrap();
    // The library leaves an object where a logical type was; the specification's canonical form has the bare primitive.
    let canonical = schema.canonical_form().replace(r#"{"type":"long"}"#, r#""long""#);
    let schema = apache_avro::Schema::parse_str(&canonical).unwrap();
    let (_, list, _) = output(&["schemas", "list", "--json"]);
    let first: Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
    let bytes = schema.fingerprint::<apache_avro::rabin::Rabin>().bytes;
    let digits = format!("{:016x}", u64::from_le_bytes(bytes.try_into().unwrap()));
    assert_eq!(first["fingerprint"], json!(digits));
    let (code, _, err) = output(&["schemas", "show", "Subscrib"]);
    assert_eq!(code, 64);
    assert!(err.starts_with("no record type `Subscrib`; there are: Subscribe, "), "{err}");
}

#[test]
fn schemas_check_tells_every_file_that_can_not_be_used() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(
        output(&["schemas", "check"]),
        (0, "the built-in schemas: sound (0 files, 10 record types)\n".into(), String::new())
    );
    std::fs::write(directory.path().join("a.avsc"), "{}").unwrap();
    std::fs::write(directory.path().join("b.avsc"), "[").unwrap();
    let (code, out, err) = output(&["schemas", "check", path(directory.path())]);
    assert_eq!((code, out.as_str(), err.lines().count()), (78, "", 2), "{err}");
    let (code, out, _) = output(&["schemas", "check", "--json", path(directory.path())]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["sound"]), (78, &json!(false)));
    assert_eq!(told["problems"].as_array().unwrap().len(), 2);
    assert_eq!(told["problems"][0]["path"], json!(path(&directory.path().join("a.avsc"))));
}

#[test]
fn a_file_that_is_not_there_exits_74_and_is_named() {
    for command in ["explain", "cat"] {
        let (code, _, err) = output(&[command, "/nowhere/x"]);
        assert_eq!(code, 74, "{command}");
        assert!(err.starts_with("/nowhere/x: "), "{command}: {err}");
    }
}

fn avro_file(directory: &Path, records: i32) -> std::path::PathBuf {
    let schema = r#"{ "type": "record", "name": "R", "fields": [
        { "name": "n", "type": "int" }, { "name": "t", "type": ["null", "string"] } ] }"#;
    let schema = apache_avro::Schema::parse_str(schema).unwrap();
    let mut writer = apache_avro::Writer::new(&schema, Vec::new()).unwrap();
    for n in 0..records {
        let mut record = apache_avro::types::Record::new(&schema).unwrap();
        record.put("n", n);
        record.put("t", Some("x"));
        writer.append_value(record).unwrap();
        writer.flush().unwrap();
    }
    let file = directory.join("r.avro");
    std::fs::write(&file, writer.into_inner().unwrap()).unwrap();
    file
}

#[test]
fn cat_prints_each_record_as_a_line() {
    let directory = tempfile::tempdir().unwrap();
    let file = avro_file(directory.path(), 2);
    let line = |n: i32| json!({ "n": n, "t": "x" });
    let (code, out, err) = output(&["cat", path(&file), path(&file)]);
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, [line(0), line(1), line(0), line(1)]);
}

#[test]
fn cat_tells_which_record_of_a_damaged_file_can_not_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = avro_file(directory.path(), 3);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 5]).unwrap();
    let (code, out, err) = output(&["cat", path(&file)]);
    assert_eq!((code, out.lines().count()), (65, 2));
    assert!(err.contains("r.avro: record 3 can't be read as Avro: "), "{err}");
    std::fs::write(&file, "no avro at all").unwrap();
    let (code, _, err) = output(&["cat", path(&file)]);
    assert_eq!(code, 65);
    assert!(err.contains("r.avro: its header can't be read as Avro: "), "{err}");
}

#[test]
fn cat_refuses_a_type_that_contains_itself() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("list.avro");
    let schema = br#"{"type":"record","name":"a","fields":[{"name":"x","type":["null","a"]}]}"#;
    let length =
        |bytes: usize| [u8::try_from(bytes % 64 * 2 + 128).unwrap(), u8::try_from(bytes / 64).unwrap()];
    let sync = [7; 16];
    let depth = 3000;
    let mut values = vec![2; depth];
    values.push(0);
    let bytes = [
        &b"Obj\x01\x02\x16avro.schema"[..],
        &length(schema.len())[..],
        schema,
        b"\0",
        &sync,
        b"\x02",
        &length(values.len()),
        &values,
        &sync,
    ];
    std::fs::write(&file, bytes.concat()).unwrap();
    let (code, out, err) = output(&["cat", path(&file)]);
    assert_eq!((code, out.as_str()), (65, ""), "{err}");
    assert!(err.contains("list.avro: its schema's type a contains itself"), "{err}");
}

#[test]
fn a_configuration_in_the_environment_is_in_nobodys_way() {
    for args in [&["config", "--schema"][..], &["status", "--address", "127.0.0.1:1"], &["demo", "--help"]] {
        let (code, _, err) = read(&kalends(args).env("KALENDS_CONFIG", "/nowhere/x.yaml").output().unwrap());
        assert_ne!(code, 64, "{args:?}: {err}");
    }
}
