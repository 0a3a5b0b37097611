use kalends_sink_kafka::registry::SubjectNameStrategy;

use super::{fails, kafka, load_text};
use crate::{Secret, Text};

const HEAD: &str = "endpoints: { main: {} }\nsinks:\n  k:\n    kind: kafka\n    schema_registry: ";

#[test]
fn a_registry_needs_an_address_and_nothing_else() {
    let settings = load_text(&format!("{HEAD}{{ url: 'http://localhost:8081' }}\n"), &[]).unwrap();
    let kafka = kafka(&settings, "k");
    let registry = kafka.schema_registry.as_ref().unwrap();
    assert_eq!(registry.url, "http://localhost:8081");
    assert!(!registry.auto_register);
    assert_eq!(registry.subject_name_strategy, SubjectNameStrategy::TopicName);
    assert!(registry.username.is_none() && registry.password.is_none() && registry.token.is_none());
}

#[test]
fn everything_about_a_registry_can_come_from_variables_and_no_secret_is_printed() {
    let at = "KALENDS__SINKS__K__SCHEMA_REGISTRY__";
    let names = ["URL", "AUTO_REGISTER", "SUBJECT_NAME_STRATEGY", "USERNAME", "PASSWORD__ENV"]
        .map(|key| format!("{at}{key}"));
    let values = ["https://a, https://b/apis/ccompat/v7", "true", "record-name", "kalends", "PASSWORD"];
    let mut env: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values).collect();
    env.push(("PASSWORD", "hunter2"));
    let yaml = "endpoints: { main: {} }\nsinks: { k: { kind: kafka } }\n";
    let settings = load_text(yaml, &env).unwrap();
    let kafka = kafka(&settings, "k");
    let registry = kafka.schema_registry.as_ref().unwrap();
    assert_eq!(registry.url, "https://a, https://b/apis/ccompat/v7");
    assert!(registry.auto_register);
    assert_eq!(registry.subject_name_strategy, SubjectNameStrategy::RecordName);
    assert_eq!(registry.username.as_ref().map(Text::expose), Some("kalends"));
    assert_eq!(registry.password.as_ref().map(Secret::expose), Some("hunter2"));
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn faults_of_a_registry_are_told_where_they_stand() {
    let cases: &[(&str, &[&str])] = &[
        ("[a]", &["5:5: sinks.k.schema_registry: expected a map of keys, found a list"]),
        (
            "{ url: x }",
            &[
                "5:24: sinks.k.schema_registry.url: an address begins with http:// or https://; write one such as http://localhost:8081, with commas between several",
            ],
        ),
        (
            "{ url: 'http://u:hunter2@a' }",
            &[
                "5:24: sinks.k.schema_registry.url: credentials are never written in an address; leave them out, and set username and password",
            ],
        ),
        (
            "{ url: 'http://a', username: u }",
            &["5:5: sinks.k.schema_registry.password: username needs one; add `password: { env: NAME }`"],
        ),
        (
            "{ url: 'http://a', username: u, password: hunter2 }",
            &[
                "5:54: sinks.k.schema_registry.password: a secret is never written in the configuration; write { env: NAME } or { file: PATH }",
            ],
        ),
        (
            "{ url: 'http://a', token: { env: UNSET } }",
            &[
                "5:41: sinks.k.schema_registry.token: environment variable UNSET is not set; set it to the secret",
            ],
        ),
        (
            "{ url: 'https://a', tls: { ca: nowhere.pem } }",
            &[
                "5:49: sinks.k.schema_registry.tls.ca: nowhere.pem: the file can't be read: No such file or directory (os error 2)",
            ],
        ),
        (
            "{ url: 'http://a', subject_name_strategy: topic }",
            &[
                "5:41: sinks.k.schema_registry.subject_name_strategy: unknown word `topic`; known here: topic-name, record-name, topic-record-name",
            ],
        ),
    ];
    for (yaml, expected) in cases {
        let expected: Vec<String> = expected.iter().map(|line| format!("k.yaml:{line}")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        fails(&format!("{HEAD}{yaml}\n"), &[], &expected);
    }
}
