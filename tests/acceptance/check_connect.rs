//! `kalends check --connect`: what is wrong is told before the first webhook, all of it at once.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::schema_registry::{services, stranger};
use kalends_tests::{Installation, config, event, kafka::Broker, tree, wait::PATIENCE, wait_until};

fn check(installation: &Installation) -> (Option<i32>, String, String) {
    let output = installation.run(["check", "--connect", "-c", "kalends.yaml"]).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_does_not_answer_is_told_with_69_and_nothing_is_made() {
    let installation = Installation::new(&config::files_and_kafka("127.0.0.1:1")).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!(code, Some(69), "{out}{err}");
    for part in ["sink kafka: asking 127.0.0.1:1 ", "Connection refused", "check that the brokers run"] {
        assert!(err.contains(part), "no {part:?} in {err}");
    }
    assert!(out.contains("sink kafka: trying 127.0.0.1:1 (up to 10 s for an answer)"), "{out}");
    assert!(out.contains("journal: ready") && out.contains("sink files: ready"), "{out}");
    assert!(!installation.path("journal").exists() && !installation.path("events").exists());
}

#[test]
fn what_somebody_has_to_mend_is_told_with_78_and_what_to_do() {
    let Some(broker) = Broker::start("connecting").unwrap() else { return };
    let brokers = broker.bootstrap();
    let sinks = format!(
        "  kafka: {{ kind: kafka, brokers: \"{brokers}\", retention: 3d }}
  copies: {{ kind: kafka, brokers: \"{brokers}\", replication: 3, topics: {{ prefix: copies. }} }}
  missing: {{ kind: kafka, brokers: \"{brokers}\", create_topics: false, topics: {{ prefix: missing. }} }}
  blocked: {{ kind: files, directory: ./kalends.yaml/events }}
"
    );
    let installation = Installation::new(&(config::files() + &sinks)).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!(code, Some(78), "{out}{err}");
    for part in [
        "sink copies: no such topic: copies.dead-letter",
        "set a `replication` of no more than the cluster has brokers",
        "sink missing: no such topic: missing.dead-letter",
        "kafka-topics.sh --bootstrap-server",
        "sink blocked: ",
    ] {
        assert!(err.contains(part), "no {part:?} in {err}");
    }
    assert!(out.contains("sink kafka: ready") && out.contains("topics that will be created"), "{out}");
    assert!(!broker.has_topic("rokt.calendar.subscribe").unwrap(), "nothing is created");

    let installation = Installation::new(&config::kafka(brokers)).unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!((code, err.as_str()), (Some(0), ""), "beside a running daemon: {out}");
    assert!(broker.committed("rokt.calendar.subscribe").unwrap().is_empty(), "no record is written");
    assert_eq!(broker.written("rokt.calendar.subscribe").unwrap(), 0, "nor one that is taken back");
    let state = daemon.status().unwrap()["sinks"][0]["state"].clone();
    assert_eq!(state, "running", "the daemon is not fenced");
}

/// The lines about one sink.
fn about(err: &str, sink: &str) -> String {
    let begin = format!("sink {sink}: ");
    err.lines().filter(|line| line.starts_with(&begin)).collect::<Vec<_>>().join("\n")
}

/// Sinks that come to a cluster which wants to know who they are, each wrong in another way, and what it must be told.
const TURNED_AWAY: [(&str, &str, &[&str]); 10] = [
    (
        "password",
        "brokers: SASL, properties: { security.protocol: sasl_ssl, sasl.mechanism: PLAIN, ssl.ca.location: CA, \
         sasl.username: kalends, sasl.password: { env: WRONG } }",
        &["Authentication failed", "check sasl.mechanism, sasl.username and sasl.password"],
    ),
    (
        "scram",
        "brokers: SASL, properties: { security.protocol: sasl_ssl, sasl.mechanism: SCRAM-SHA-512, ssl.ca.location: CA, \
         sasl.username: kalends, sasl.password: { env: WRONG } }",
        &["SCRAM-SHA-512", "check sasl.mechanism, sasl.username and sasl.password"],
    ),
    (
        "token",
        "brokers: SASL, properties: { security.protocol: sasl_ssl, sasl.mechanism: OAUTHBEARER, ssl.ca.location: CA, \
         sasl.oauthbearer.method: oidc, sasl.oauthbearer.client.id: kalends, sasl.oauthbearer.client.secret: { env: WRONG }, \
         sasl.oauthbearer.token.endpoint.url: \"http://127.0.0.1:1/token\" }",
        &["OAUTHBEARER token", "sasl.oauthbearer.*"],
    ),
    (
        "authority",
        "brokers: MUTUAL, properties: { security.protocol: ssl, ssl.ca.location: STRANGER }",
        &["certificate", "check ssl.ca.location"],
    ),
    (
        "certificate",
        "brokers: MUTUAL, properties: { security.protocol: ssl, ssl.ca.location: CA }",
        &["certificate", "ssl.certificate.location and ssl.key.location"],
    ),
    (
        "cleartext",
        "brokers: SASL",
        &["no answer (", "check that the brokers run", "security.protocol under `properties`", "sasl_ssl"],
    ),
    (
        "nobody",
        "brokers: SASL, properties: { security.protocol: ssl, ssl.ca.location: CA }",
        &["no answer (", "security.protocol under `properties`", "sasl_ssl"],
    ),
    (
        "somebody",
        "brokers: CLEAR, properties: { security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, sasl.username: kalends, \
         sasl.password: { env: WRONG } }",
        &["current SASL state", "set security.protocol under `properties` to plaintext or ssl"],
    ),
    (
        "ciphertext",
        "brokers: CLEAR, properties: { security.protocol: ssl, ssl.ca.location: CA }",
        // Whether the broker's end of the connection comes during the handshake or before it differs from run to run.
        &["SSL ", "security.protocol under `properties`"],
    ),
    (
        "rights",
        "brokers: SASL, transactional_id_prefix: denied-, topics: { prefix: denied. }, properties: { \
         security.protocol: sasl_ssl, sasl.mechanism: PLAIN, ssl.ca.location: CA, sasl.username: limited, \
         sasl.password: { env: LIMITED } }",
        &["denied.subscribe", "grant this user Describe and Write", "transactional_id_prefix"],
    ),
];

#[test]
fn every_way_of_being_turned_away_is_told_with_what_to_do_and_without_a_secret() {
    let Some(broker) = Broker::start_secure("turned-away").unwrap() else { return };
    let left = |name: &str| format!("\"{}\"", broker.left(name).unwrap().display());
    let places = [
        ("STRANGER", left("tls/stranger.pem")),
        ("CA", left("tls/ca.pem")),
        ("SASL", format!("\"{}\"", broker.listener("sasl").unwrap())),
        ("MUTUAL", format!("\"{}\"", broker.listener("mutual").unwrap())),
        ("CLEAR", format!("\"{}\"", broker.bootstrap())),
    ];
    let mut configuration = config::files();
    for (name, keys, _) in TURNED_AWAY {
        let put_in = |keys: String, (place, value): &(&str, String)| {
            keys.replace(&format!(": {place}"), &format!(": {value}"))
        };
        let mut keys = places.iter().fold(keys.to_owned(), put_in);
        if !keys.contains("topics:") {
            keys.extend([", topics: { prefix: ", name, ". }"]);
        }
        configuration.extend(["  ", name, ": { kind: kafka, ", &keys, " }\n"]);
    }
    let installation = Installation::new(&configuration).unwrap();
    let mut command = installation.command(["check", "--connect", "-c", "kalends.yaml"]).unwrap();
    let output = command.env("WRONG", "hunter2").env("LIMITED", "limited-secret").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{err}");
    for (name, _, parts) in TURNED_AWAY {
        let told = about(&err, name);
        for part in parts {
            assert!(told.contains(part), "sink {name}: no {part:?} in {told:?} of {err}");
        }
    }
    assert!(!err.contains("hunter2") && !err.contains("limited-secret"), "{err}");
}

#[test]
fn what_a_schema_registry_lacks_or_would_refuse_is_told_with_what_to_do() {
    let Some((broker, registry)) = services() else { return };
    registry.register("occupied.subscribe-value", &stranger()).unwrap();
    let (brokers, url) = (broker.bootstrap(), registry.url());
    let sink = |name: &str, url: &str, register: bool| {
        format!(
            "  {name}: {{ kind: kafka, brokers: \"{brokers}\", topics: {{ prefix: {name}. }}, \
             schema_registry: {{ url: \"{url}\", auto_register: {register} }} }}\n"
        )
    };
    let sinks = [
        sink("lacking", url, false),
        sink("occupied", url, true),
        sink("silent", "http://127.0.0.1:1,http://127.0.0.1:2", true),
        sink("astray", &format!("{url}/nowhere"), true),
        sink("second", &format!("http://127.0.0.1:1,{url}"), true),
    ];
    let sinks = sinks.concat();
    let installation = Installation::new(&(config::files() + &sinks)).unwrap();
    // A registry that was started just now may take longer over its first answer than a check waits.
    let (code, out, err) = wait_until("the registry to answer in time", PATIENCE, || {
        Ok(Some(check(&installation)).filter(|(_, _, err)| !err.contains("timeout")))
    })
    .unwrap();
    assert_eq!(code, Some(78), "{out}{err}");
    for (sink, parts) in [
        (
            "lacking",
            &["lacking.subscribe-value", "lacking.dead-letter-value", "run `kalends schemas register -c "][..],
        ),
        ("occupied", &["occupied.subscribe-value", "not compatible", "make it a compatible superset"]),
        ("silent", &["http://127.0.0.1:1", "http://127.0.0.1:2", "check that it runs"]),
        ("astray", &["not as a schema registry does", "check the address"]),
    ] {
        let told = about(&err, sink);
        for part in parts {
            assert!(told.contains(part), "sink {sink}: no {part:?} in {told:?} of {err}");
        }
    }
    assert_eq!(about(&err, "second"), "", "its second address answers");
    assert!(about(&out, "second").contains("to be registered"), "{out}");
    let subjects = registry.get("/subjects").unwrap().to_string();
    assert!(!subjects.contains("second."), "nothing is registered by a check: {subjects}");
}

/// An installation that has delivered five events to files, and stands still.
fn delivered() -> Installation {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    for number in 0..5 {
        assert_eq!(daemon.post(event::webhook(&format!("early-{number}"), number)).unwrap().status, 200);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();
    installation
}

#[test]
fn sink_whose_checkpoint_is_gone_or_damaged_is_not_ready() {
    let installation = delivered();
    assert_eq!(check(&installation).0, Some(0));
    let manifest = installation.path("events/.kalends/manifest.json");
    let sound = fs::read(&manifest).unwrap();
    fs::write(&manifest, "{").unwrap();
    let (code, _, err) = check(&installation);
    assert!(code == Some(78) && err.contains("sink files: ") && err.contains("manifest.json"), "{err}");
    fs::write(&manifest, sound).unwrap();
    fs::remove_dir_all(installation.path("events")).unwrap();
    let (code, out, err) = check(&installation);
    assert!(code == Some(78) && err.contains("sink files: the checkpoint is gone"), "{out}{err}");
}

#[test]
fn sink_ahead_of_a_journal_that_was_put_back_is_not_ready() {
    let installation = delivered();
    tree::copy(&installation.path("journal"), &installation.path("backup")).unwrap();
    let daemon = installation.start().unwrap();
    assert_eq!(daemon.post(event::webhook("late", 9)).unwrap().status, 200);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!((code, err.as_str()), (Some(0), ""), "beside a running daemon: {out}");
    daemon.terminate().unwrap();
    fs::remove_dir_all(installation.path("journal")).unwrap();
    fs::rename(installation.path("backup"), installation.path("journal")).unwrap();
    let (code, out, err) = check(&installation);
    assert!(code == Some(78) && err.contains("older copy of the journal"), "{out}{err}");
}

#[test]
fn sink_on_hold_in_the_running_daemon_is_not_ready() {
    let installation = delivered();
    let manifest = installation.path("events/.kalends/manifest.json");
    let sound = fs::read(&manifest).unwrap();
    fs::write(&manifest, "{").unwrap();
    let daemon = installation.start().unwrap();
    daemon.wait_until_on_hold("files").unwrap();
    fs::write(&manifest, sound).unwrap();
    let admin = format!("admin: {{ address: {} }}", daemon.admin());
    let asking = config::files().replace("admin: { address: 127.0.0.1:0 }", &admin);
    fs::write(installation.path("kalends.yaml"), asking).unwrap();
    let (code, out, err) = check(&installation);
    assert!(code == Some(78) && err.contains("sink files: on hold in the daemon"), "{out}{err}");
    daemon.terminate().unwrap();
}

#[test]
fn topic_that_two_sinks_write_under_two_names_of_one_cluster_is_told() {
    let Some(broker) = Broker::start("two-names").unwrap() else { return };
    let brokers = broker.bootstrap();
    let other = brokers.replace("127.0.0.1", "localhost");
    let sinks = format!(
        "  first: {{ kind: kafka, brokers: \"{brokers}\" }}\n  second: {{ kind: kafka, brokers: \"{other}\" }}\n"
    );
    let installation = Installation::new(&(config::files() + &sinks)).unwrap();
    let (code, out, err) = check(&installation);
    assert_eq!(code, Some(78), "{out}{err}");
    assert!(err.contains("sink second: sink `first` writes to `rokt.calendar."), "{err}");
}

#[test]
fn check_tells_of_secrets_that_can_be_guessed_or_read_by_everybody() {
    let installation = Installation::new(&config::files()).unwrap();
    let guarded = config::files().replace("/webhooks/rokt }", "/webhooks/rokt, tokens: [{ file: token }] }");
    assert_ne!(guarded, config::files());
    fs::write(installation.path("kalends.yaml"), guarded).unwrap();
    let noted = |secret: &str, mode: u32| {
        let token = installation.path("token");
        fs::write(&token, secret).unwrap();
        fs::set_permissions(&token, fs::Permissions::from_mode(mode)).unwrap();
        let output = installation.run(["check", "-c", "kalends.yaml"]).unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let out = noted("q7z", 0o644);
    for part in
        ["tokens[0]: a secret of 3 characters", "everybody on this machine can read token: chmod o-r token"]
    {
        assert!(out.contains(part), "no {part:?} in {out}");
    }
    assert!(!out.contains("q7z"), "{out}");
    let out = noted("0123456789abcdef", 0o600);
    assert!(!out.contains("tokens[0]"), "{out}");
}
