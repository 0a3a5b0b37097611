mod http_faults;
mod kafka_faults;
mod listeners;
mod outside;
mod privacy;
mod registry;
mod telemetry;
mod texts;

use kalends_sink::{KindSettings, SinkDefinition, SinkKinds};
use kalends_sink_files::{Files, FilesSettings};
use kalends_sink_http::Http;
use kalends_sink_kafka::{Kafka, KafkaSettings};
use kalends_sink_postgres::{Postgres, PostgresSettings};

use super::{EMBEDDED, load};
use kalends_value::{Start, Text};

use crate::{Common, Endpoint, Settings, Sink, test_kinds::KINDS};

const FULL: &str = include_str!("../../../../config/kalends.full.yaml");

fn sink<D: SinkDefinition>(own: D::Settings) -> Sink {
    Sink { common: Common::default(), own: KindSettings::new::<D>(own) }
}

/// The settings of the Kafka sink of this name.
fn kafka<'a>(settings: &'a Settings, name: &str) -> &'a KafkaSettings {
    settings.sinks[name].own.get::<Kafka>().unwrap()
}

/// A sink and an endpoint, so that a case speaks of its own fault alone. Case lines begin after these two.
const SOUND: &str = "endpoints: { main: {} }\nsinks: { files: { kind: files } }\n";

fn load_text(yaml: &str, env: &[(&str, &str)]) -> Result<Settings, String> {
    load_kinds(yaml, env, KINDS)
}

fn load_kinds(yaml: &str, env: &[(&str, &str)], kinds: SinkKinds) -> Result<Settings, String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("k.yaml");
    std::fs::write(&file, yaml).unwrap();
    let env = env.iter().map(|(name, value)| (name.into(), value.into()));
    let prefix = format!("{}/", directory.path().display());
    load(Some(&file), env, kinds).map_err(|problems| problems.to_string().replace(&prefix, ""))
}

#[track_caller]
fn fails(yaml: &str, env: &[(&str, &str)], expected: &[&str]) {
    let problems = load_text(yaml, env).expect_err(yaml);
    let lines: Vec<&str> = problems.lines().collect();
    assert_eq!(lines, expected, "{yaml}");
}

#[test]
fn the_embedded_default_loads_without_a_file() {
    let settings = load(None, std::iter::empty(), KINDS).unwrap();
    assert_eq!(settings.sinks["files"], sink::<Files>(FilesSettings::default()));
    assert_eq!(settings.endpoints["main"].path, Text::Plain("/webhooks/rokt".into()));
    assert_eq!(load_text(EMBEDDED, &[]).unwrap(), settings);
}

#[test]
fn the_full_file_is_the_defaults_key_by_key() {
    const LEAST: &str = "\
endpoints: { main: {} }
sinks: { crm: { kind: http, preset: none, url: http://127.0.0.1:8090/events } }
";
    let mut full = load_kinds(FULL, &[], &[&Files, &Kafka, &Postgres, &Http]).unwrap();
    let mut least = load_kinds(LEAST, &[], &[&Http]).unwrap();
    assert!(full.sinks.contains_key("crm"));
    assert_eq!(full.sinks.remove("crm"), least.sinks.remove("crm"));
    assert_eq!(full.sinks.remove("files"), Some(sink::<Files>(FilesSettings::default())));
    assert_eq!(full.sinks.remove("kafka"), Some(sink::<Kafka>(KafkaSettings::default())));
    assert_eq!(full.sinks.remove("database"), Some(sink::<Postgres>(PostgresSettings::default())));
    assert_eq!(full.endpoints.remove("main"), Some(Endpoint::default()));
    assert_eq!(full, Settings::default());
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let yaml = "\
listen:
  adress: 127.0.0.1:8080
  max_body: 1 mib
endpoints:
  Main: { path: webhooks }
journal:
  kind: kafka
  retain: 7
sinks:
  events:
    kind: files
    codec: zstd
    only: [Subscrib]
  kafka: { kind: kafka, brokers: nowhere }
  odd: { kind: kafak }
  bare: {}
log: { level: loud }
stop_timeout: true
";
    fails(
        yaml,
        &[],
        &[
            "k.yaml:2:3: listen.adress: unknown key `adress`; did you mean `address`?",
            "k.yaml:3:3: listen.max_body: `1 mib` is no size; write a whole number and a unit, such as 64KiB, 1MiB or 10GiB",
            "k.yaml:5:3: endpoints.Main: a name consists of a to z, 0 to 9 and _, at most 200 of them; choose another",
            "k.yaml:5:11: endpoints.Main.path: a path begins with a slash, such as /webhooks/rokt",
            "k.yaml:7:3: journal.kind: `kafka` is not supported by this version of kalends; leave it out",
            "k.yaml:8:3: journal.retain: `7` is no duration; write whole numbers with units, such as 500ms, 20s, 1h30m or 7d",
            "k.yaml:12:5: sinks.events.codec: unknown word `zstd`; known here: none, deflate",
            "k.yaml:13:12: sinks.events.only[0]: unknown event type `Subscrib`; did you mean `Subscribe`?",
            "k.yaml:14:25: sinks.kafka.brokers: write host:port, with commas between several, such as kafka-1:9092,kafka-2:9092",
            "k.yaml:15:10: sinks.odd.kind: unknown kind of sink `kafak`; did you mean `kafka`?",
            "k.yaml:16:3: sinks.bare: a sink needs a kind; add `kind: files` or `kind: kafka`",
            "k.yaml:17:8: log.level: unknown word `loud`; known here: error, warn, info, debug, trace",
            "k.yaml:18:1: stop_timeout: expected a duration such as 20s or 7d, found true or false",
        ],
    );
}

const FAULTS: &[(&str, &[&str])] = &[
    ("lisen: {}", &["k.yaml:3:1: lisen: unknown key `lisen`; did you mean `listen`?"]),
    ("listen: 8080", &["k.yaml:3:1: listen: expected a map of keys, found a number"]),
    ("log: [debug]", &["k.yaml:3:1: log: expected a map of keys, found a list"]),
    ("listen:", &["k.yaml:3:1: listen: there is no value here; write one, or leave the key out"]),
    (
        "listen: { address: localhost:8080 }",
        &[
            "k.yaml:3:11: listen.address: this is no address; write an IP address and a port, such as 127.0.0.1:8080 or [::]:8080",
        ],
    ),
    (
        "listen: { max_connections: many }",
        &["k.yaml:3:11: listen.max_connections: expected an integer, found text"],
    ),
    (
        "listen: { max_connections: 0 }",
        &["k.yaml:3:11: listen.max_connections: nobody could connect; write at least 1"],
    ),
    (
        "listen: { header_timeout: 0 }",
        &["k.yaml:3:11: listen.header_timeout: no request could ever be in time; write more than 0"],
    ),
    (
        "listen: { max_body: 65MiB }",
        &[
            "k.yaml:3:1: listen.max_in_flight: no body of max_body (65MiB) and its 4 KiB envelope fit; write more",
            "k.yaml:3:11: listen.max_body: more than a segment of the journal (journal.segment_size is 64MiB); write less",
        ],
    ),
    (
        "schemas: { directory: x }",
        &[
            "k.yaml:3:12: schemas.directory: x: the directory of schemas can't be read: No such file or directory (os error 2)",
        ],
    ),
    (
        "admin: { address: 127.0.0.1:8080 }",
        &["k.yaml:3:10: admin.address: 127.0.0.1:8080 is listen.address already; write another port"],
    ),
    (
        "journal: { max_size: 63MiB }",
        &["k.yaml:3:12: journal.max_size: less than one segment (segment_size is 64MiB); write more"],
    ),
    (
        "journal: { max_size: 8231KiB, segment_size: 1MiB }",
        &["k.yaml:3:12: journal.max_size: too little for listen.max_body of 1MiB; write at least 8232KiB"],
    ),
    (
        "journal: { directory: data/events }",
        &["k.yaml:2:10: sinks.files.directory: this directory is that of the journal; each needs its own"],
    ),
    ("timestamps: nanos", &["k.yaml:3:1: timestamps: unknown word `nanos`; known here: millis, micros"]),
    (
        "listen: { address: '0.0.0.0:8080' }",
        &[
            "k.yaml:1:14: endpoints.main: anybody who reaches 0.0.0.0:8080 could post here; add `tokens: [{ env: NAME }]`, \
               or `allow_anonymous: true` if something in front keeps strangers out",
        ],
    ),
    (
        "log: { level: info }\nlog: { level: warn }",
        &["k.yaml:4:1: this is no valid YAML: duplicate mapping key `log` is not allowed here"],
    ),
];

#[test]
fn each_fault_is_told_at_its_line() {
    for (yaml, expected) in FAULTS {
        fails(&format!("{SOUND}{yaml}\n"), &[], expected);
    }
}

#[test]
fn a_secret_is_a_reference_that_leads_somewhere_and_is_never_printed() {
    let sinks = "sinks: { files: { kind: files } }\n";
    let cases: &[(&str, &str)] = &[
        (
            "[hunter2]",
            "k.yaml:2:31: endpoints.main.tokens[0]: a secret is never written in the configuration; write { env: NAME } or { file: PATH }",
        ),
        ("hunter2", "k.yaml:2:22: endpoints.main.tokens: expected a list, found text"),
        (
            "[{ hunter2: }]",
            "k.yaml:2:31: endpoints.main.tokens[0]: a secret is a reference; write { env: NAME } or { file: PATH }",
        ),
        (
            "[{ env: A, file: B }]",
            "k.yaml:2:31: endpoints.main.tokens[0]: a secret has one source; write either env or file",
        ),
        (
            "[{ env: UNSET }]",
            "k.yaml:2:31: endpoints.main.tokens[0]: environment variable UNSET is not set; set it to the secret",
        ),
        (
            "[{ env: SPLIT }]",
            "k.yaml:2:31: endpoints.main.tokens[0]: the token has white space or another character that is not visible ASCII",
        ),
        (
            "[{ env: EMPTY }]",
            "k.yaml:2:31: endpoints.main.tokens[0]: the secret in environment variable EMPTY is empty",
        ),
    ];
    for (tokens, expected) in cases {
        fails(
            &format!("{sinks}endpoints: {{ main: {{ tokens: {tokens} }} }}\n"),
            &[("EMPTY", " "), ("SPLIT", "a b")],
            &[expected],
        );
    }
    let yaml = format!(
        "{sinks}listen: {{ address: 0.0.0.0:1 }}\nendpoints: {{ main: {{ path: {{ env: A }}, tokens: [{{ env: B }}] }} }}\n"
    );
    let settings = load_text(&yaml, &[("A", "/hunter1\n"), ("B", "hunter2")]).unwrap();
    let main = &settings.endpoints["main"];
    assert_eq!((main.path.expose(), main.tokens[0].expose()), ("/hunter1", "hunter2"));
    assert!(!format!("{settings:?}").contains("hunter"), "{settings:?}");
}

#[test]
fn a_variable_overrides_any_key_and_can_add_a_sink() {
    let env = [
        ("KALENDS__LISTEN__ADDRESS", "127.0.0.1:0"),
        ("KALENDS__LISTEN__MAX_CONNECTIONS", "12"),
        ("KALENDS__ENDPOINTS__MAIN__TOKENS__0__ENV", "TOKEN"),
        ("KALENDS__ENDPOINTS__MAIN__ALLOW_ANONYMOUS", "true"),
        ("KALENDS__SINKS__KAFKA__KIND", "kafka"),
        ("KALENDS__SINKS__KAFKA__BROKERS", "a:1,b:2"),
        ("KALENDS__SINKS__KAFKA__PARTITIONS", "6"),
        ("KALENDS__SINKS__KAFKA__ONLY", "test, subscribe"),
        ("KALENDS__SINKS__KAFKA__TOPICS__NAMES__SUBSCRIBE", "crm.signups"),
        ("KALENDS__SINKS__KAFKA__PROPERTIES__SECURITY_PROTOCOL", "ssl"),
        ("KALENDS__SINKS__KAFKA__START", "1970-01-01T00:00:01Z"),
        ("KALENDS__STOP_TIMEOUT", "5s"),
        ("TOKEN", "t"),
    ];
    let settings = load_text(SOUND, &env).unwrap();
    assert_eq!(settings.listen.address.port(), 0);
    assert_eq!(settings.listen.max_connections, 12);
    assert_eq!(settings.endpoints["main"].tokens[0].expose(), "t");
    assert!(settings.endpoints["main"].allow_anonymous);
    let kafka = kafka(&settings, "kafka");
    assert_eq!(kafka.brokers, "a:1,b:2");
    assert_eq!(kafka.partitions, Some(6));
    assert_eq!(settings.sinks["kafka"].common.only, ["Test", "Subscribe"]);
    assert_eq!(kafka.topics.names["Subscribe"], "crm.signups");
    assert_eq!(kafka.properties["security.protocol"].expose(), "ssl");
    assert_eq!(settings.sinks["kafka"].common.start, Start::At(1_000_000));
    assert_eq!(settings.stop_timeout.as_secs(), 5);
}

#[test]
fn a_fault_of_a_variable_names_the_variable() {
    fails(
        SOUND,
        &[
            ("KALENDS__LISTEN__MAX_BODY", "lots"),
            ("KALENDS__LOGG__LEVEL", "info"),
            ("KALENDS__SINKS__KAFKA__BROKERS", "a:1"),
            ("KALENDS__SINKS__FILES__TOPICS", "hunter2"),
            ("KALENDS__", "x"),
        ],
        &[
            "KALENDS__: this names no key; write the keys with __ between, such as KALENDS__LOG__LEVEL",
            "KALENDS__LISTEN__MAX_BODY: listen.max_body: `lots` is no size; write a whole number and a unit, such as 64KiB, 1MiB or 10GiB",
            "KALENDS__LOGG__LEVEL: logg: unknown key `logg`; did you mean `log`?",
            "KALENDS__SINKS__FILES__TOPICS: sinks.files.topics: expected a map of keys, found text",
            "KALENDS__SINKS__KAFKA__BROKERS: sinks.kafka: a sink needs a kind; add `kind: files` or `kind: kafka`",
        ],
    );
}

#[test]
fn a_variable_that_turns_a_value_into_something_else_is_named() {
    let cases = [
        ("KALENDS__LISTEN__ADDRESS__X", "1", "listen.address: expected a string, found a map"),
        ("KALENDS__ENDPOINTS__MAIN__TOKENS__1__ENV", "A", "endpoints.main.tokens[0]: there is no value here"),
        ("KALENDS__JOURNAL__0", "A", "journal: expected a map of keys, found a list"),
    ];
    for (name, value, message) in cases {
        let yaml = format!("{SOUND}listen: {{ address: 127.0.0.1:1 }}\njournal: {{}}\n");
        let problems = load_text(&yaml, &[(name, value), ("A", "a")]).unwrap_err();
        assert!(
            problems.starts_with(&format!("{name}: {message}")) && problems.lines().count() == 1,
            "{problems}"
        );
    }
}

#[test]
fn an_empty_configuration_says_what_it_needs() {
    for yaml in ["", "# nothing\n", "endpoints: {}\nsinks: {}\n"] {
        let problems = load_text(yaml, &[]).unwrap_err();
        assert!(
            problems.contains("there is no endpoint") && problems.contains("there is no sink"),
            "{problems}"
        );
    }
}

#[test]
fn text_that_is_no_yaml_is_told_with_its_place() {
    for yaml in ["listen: [", "a: b: c", "- 1\n", "just text", "a: &a [*a]"] {
        let problems = load_text(yaml, &[]).unwrap_err();
        assert!(problems.starts_with("k.yaml:") && problems.lines().count() == 1, "{yaml:?}: {problems}");
    }
}

/// An event type of the operator's own, with what every record has.
fn paused() -> String {
    let sources = kalends_normalise::Source::BUILT_IN;
    let unknown = sources.iter().find(|source| source.name == "UnknownEvent.avsc").unwrap();
    let mut schema: serde_json::Value = serde_json::from_str(unknown.text).unwrap();
    schema["name"] = "SubscriptionPaused".into();
    schema["kalends"] =
        serde_json::json!({ "types": ["SubscriptionPaused"], "topic": "subscription-paused" });
    schema.to_string()
}

#[test]
fn sinks_can_speak_of_the_event_types_of_the_operators_schemas() {
    let schemas = tempfile::tempdir().unwrap();
    std::fs::write(schemas.path().join("paused.avsc"), paused()).unwrap();
    let yaml = format!(
        "endpoints: {{ main: {{}} }}\nsinks: {{ files: {{ kind: files, only: [subscriptionpaused] }} }}\n\
         schemas: {{ directory: {} }}\n",
        schemas.path().display()
    );
    let settings = load_text(&yaml, &[]).unwrap();
    assert_eq!(settings.sinks["files"].common.only, ["SubscriptionPaused"]);

    std::fs::write(schemas.path().join("paused.avsc"), paused().replace("extra_fields", "rest")).unwrap();
    let problem = format!("schemas.directory: {}/paused.avsc: ", schemas.path().display());
    let told = load_text(&yaml, &[]).unwrap_err();
    assert!(told.contains(&problem) && told.starts_with("k.yaml:3:"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn a_sink_can_not_give_one_type_the_topic_of_another() {
    let yaml = "endpoints: { main: {} }\nsinks:\n  files:\n    kind: files\n    topics:\n      names:\n        Subscribe: rokt.calendar.test\n";
    let expected = "k.yaml:7:9: sinks.files.topics.names.Subscribe: this is the topic of Test; a topic has records of one type";
    fails(yaml, &[], &[expected]);
}
