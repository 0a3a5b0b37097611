//! `kalends explain` says of each kind of sink what a real delivery wrote there.

use std::fs;

use kalends_tests::{
    Daemon, Installation, Record, config, datum::Decoder, kafka::Broker, postgres::Postgres, sample,
    tree::files_under,
};
use serde_json::Value;

const PRIVACY: &str = "    strip_nul: false
    privacy:
      classes: { email: hash, ip_address: truncate, user_agent: drop }
      key: { file: ./key }
";

fn explain(installation: &Installation, options: &str) -> Value {
    let words = ["explain", "-c", "kalends.yaml", "--json"].into_iter().chain(options.split(' '));
    let output = installation.run(words).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "explain {options}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every sample, a test event, something that is no event; and then all of it again.
fn post_all(daemon: &Daemon) -> u64 {
    let mut bodies: Vec<Vec<u8>> =
        sample::seven().unwrap().into_iter().map(|sample| sample.body.clone()).collect();
    bodies.push(br#"{"eventId":"t","eventType":"Test","eventDetails":{"a":1}}"#.to_vec());
    bodies.push(b"{ no event".to_vec());
    for body in &bodies {
        assert_eq!(daemon.post(body).unwrap().status, 200);
    }
    u64::try_from(bodies.len()).unwrap()
}

/// The records in the files, as `kalends cat` prints them, with their files.
fn filed(installation: &Installation) -> Vec<(String, Value)> {
    let files = files_under(&installation.path("events")).unwrap();
    let files = files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "avro"));
    let mut records = Vec::new();
    for file in files {
        let output = installation.run(["cat", file.to_str().unwrap()]).unwrap();
        let name = file.strip_prefix(installation.directory()).unwrap().display().to_string();
        let lines = String::from_utf8(output.stdout).unwrap();
        records.extend(lines.lines().map(|line| (name.clone(), serde_json::from_str(line).unwrap())));
    }
    records
}

#[test]
fn explain_shows_what_the_files_sink_wrote() {
    let configuration = config::files().replace(
        "  files: { kind: files, directory: ./events, roll_every: 1s }\n",
        &format!("  files:\n    kind: files\n    directory: ./events\n    roll_every: 1s\n{PRIVACY}"),
    );
    let installation = Installation::new(&configuration).unwrap();
    fs::write(installation.path("key"), "a key of many letters, for a test").unwrap();
    let daemon = installation.start().unwrap();
    let count = post_all(&daemon);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let filed = filed(&installation);
    assert_eq!(filed.len(), usize::try_from(count).unwrap());
    for position in 1..=count {
        let told = explain(&installation, &format!("--sink files --at 0:{position}"));
        let (file, record) = filed.iter().find(|(_, record)| record["journal_position"] == position).unwrap();
        assert_eq!(&told["record"], record, "position {position}");
        let folder = told["written"]["files"]["folder"].as_str().unwrap().trim_start_matches("./").to_owned();
        assert!(file.starts_with(&(folder.clone() + "/")), "{file} is not in {folder}");
        assert_eq!((&told["position"], &told["duplicate"]), (&position.into(), &false.into()));
    }
}

#[test]
fn explain_shows_what_the_kafka_sink_wrote() {
    let Some(broker) = Broker::start("explained").unwrap() else { return };
    let configuration = format!(
        "{}  kafka:\n    kind: kafka\n    brokers: \"{}\"\n{PRIVACY}",
        config::files().split("  files:").next().unwrap(),
        broker.bootstrap()
    );
    let installation = Installation::new(&configuration).unwrap();
    fs::write(installation.path("key"), "a key of many letters, for a test").unwrap();
    let daemon = installation.start().unwrap();
    let count = post_all(&daemon);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let decoder = Decoder::new().unwrap();
    for position in 1..=count {
        let told = explain(&installation, &format!("--sink kafka --at {position}"));
        let topic = told["topics"]["kafka"].as_str().unwrap();
        let place = format!("0:{position}");
        let messages = broker.committed(topic).unwrap();
        let message = messages.iter().find(|m| m.header("kalends-position") == Some(&place)).unwrap();
        let record = decoder.record(topic, message).unwrap();
        assert_eq!(record.key.as_deref(), told["key"].as_str(), "{topic}");
        assert_same_fields(&told["record"], &record);
        let headers = told["headers"].as_object().unwrap();
        assert_eq!(headers.len(), message.headers.len(), "{topic}: {headers:?}");
        for (name, value) in headers {
            assert_eq!(message.header(name), value.as_str(), "{topic} {name}");
        }
    }
}

/// Texts and numbers of a record, one by one; instants are shown as text and compared elsewhere.
fn assert_same_fields(told: &Value, record: &Record) {
    for (field, value) in told.as_object().unwrap() {
        match value {
            Value::String(_) if record.number(field).is_some() || record.bytes(field).is_some() => {}
            Value::String(text) => assert_eq!(record.text(field), Some(text.as_str()), "{field}"),
            Value::Number(number) => assert_eq!(record.number(field), number.as_i64(), "{field}"),
            Value::Null => assert!(!record.present().contains_key(field), "{field}"),
            _ => assert!(record.present().contains_key(field), "{field}"),
        }
    }
}

#[test]
fn explain_shows_the_statement_of_the_rows_that_the_postgres_sink_wrote() {
    let Some(postgres) = Postgres::start("explained").unwrap() else { return };
    let configuration = format!(
        "{}  database:\n    kind: postgres\n    url: \"postgres://kalends@{}\"\n    tls: off\n{PRIVACY}",
        config::files().split("  files:").next().unwrap(),
        postgres.place()
    );
    let installation = Installation::new(&configuration).unwrap();
    fs::write(installation.path("key"), "a key of many letters, for a test").unwrap();
    let daemon = installation.start().unwrap();
    let count = post_all(&daemon);
    daemon.wait_until_delivered(&["database"]).unwrap();
    for position in 1..=count {
        let told = explain(&installation, &format!("--sink database --at {position}"));
        let written = &told["written"]["database"];
        let table = written["table"].as_str().unwrap();
        let row =
            || postgres.rows(&format!("select * from {table} where journal_position = {position}")).unwrap();
        let delivered = row();
        assert_eq!(delivered.len(), 1, "{table}");
        postgres.sql(&format!("delete from {table} where journal_position = {position}")).unwrap();
        postgres.sql(written["statement"].as_str().unwrap()).unwrap();
        assert_eq!(row(), delivered, "{table}");
    }
}

#[test]
fn explain_says_whose_view_the_values_are_and_which_webhooks_a_sink_does_not_get() {
    let configuration = config::files()
        + "  few: { kind: files, directory: ./few, only: [Unsubscribe], privacy: { classes: { email: drop } } }\n"
        + "  safe: { kind: files, directory: ./safe, privacy: { classes: { email: drop } } }\n";
    let installation = Installation::new(&configuration).unwrap();
    let body = r#"{"eventId":"e","eventType":"Subscribe","eventDetails":{"subscription":{"emailAddress":"planted@example.org"}}}"#;
    fs::write(installation.path("body.json"), body).unwrap();
    let text = |options: &str| {
        let words = ["explain", "-c", "kalends.yaml", "body.json"].into_iter();
        let output = installation.run(words.chain(options.split_whitespace())).unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let all = text("");
    assert!(all.contains("planted") && all.contains("as received, before privacy"), "{all}");
    assert!(all.contains("of sink safe changes email_address") && !all.contains("(sink few)"), "{all}");
    let safe = text("--sink safe");
    assert!(!safe.contains("planted") && safe.contains("changes email_address"), "{safe}");
    assert!(text("--sink few").contains("sink few doesn't take Subscribe"));

    let daemon = installation.start().unwrap();
    for _ in 0..2 {
        daemon.post(body).unwrap();
    }
    let output = installation.run(["explain", "-c", "kalends.yaml", "--at", "2"]).unwrap();
    let second = String::from_utf8(output.stdout).unwrap();
    assert!(second.contains("duplicate    it repeats") && second.contains("endpoint     main"), "{second}");
}

#[test]
fn explain_takes_the_endpoint_that_is_named_by_its_path() {
    let configuration = config::files().replace(
        "endpoints:\n",
        "endpoints:\n  hidden: { path: { file: ./path } }\n  second: { path: /second }\n",
    );
    let installation = Installation::new(&configuration).unwrap();
    fs::write(installation.path("body.json"), r#"{"eventId":"e","eventType":"Test"}"#).unwrap();
    for (endpoint, name) in
        [("/second", "second"), ("/second/", "second"), ("main", "main"), ("hidden", "hidden")]
    {
        let told = explain(&installation, &format!("body.json --endpoint {endpoint}"));
        assert_eq!(told["record"]["endpoint"], name, "{endpoint}");
    }
    let output =
        installation.run(["explain", "-c", "kalends.yaml", "--endpoint", "/x", "body.json"]).unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hidden, main, second"));
}
