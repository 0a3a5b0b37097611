use super::fails;

#[test]
fn faults_of_a_kafka_sink_are_told() {
    let head = "endpoints: { main: {} }\nsinks:\n  k:\n    kind: kafka\n    ";
    let cases: &[(&str, &str)] = &[
        (
            "checkpoint_topic: rokt.calendar.x",
            "k.yaml:5:5: sinks.k.checkpoint_topic: this is under topics.prefix (`rokt.calendar.`), where consumers expect records only",
        ),
        (
            "retention: 0",
            "k.yaml:5:5: sinks.k.retention: every record would be deleted at once; write at least 1h",
        ),
        ("partitions: 0", "k.yaml:5:5: sinks.k.partitions: a topic has at least 1 partition"),
        (
            "properties: { acks: 1 }",
            "k.yaml:5:19: sinks.k.properties.acks: kalends sets this property itself (`delivery: exactly-once` or `at-least-once` decides it); leave it out",
        ),
        (
            "properties: { client.id: x }",
            "k.yaml:5:19: sinks.k.properties.client.id: kalends sets this property itself (it names kalends in the broker's log and quotas); leave it out",
        ),
        (
            "properties: { compresion.type: zstd }",
            "k.yaml:5:19: sinks.k.properties.compresion.type: librdkafka has no such property; did you mean `compression.type`?",
        ),
        (
            "properties: { linger.ms: hunter2 }",
            "k.yaml:5:19: sinks.k.properties.linger.ms: librdkafka doesn't take this value; write a number from 0 to 900000",
        ),
        (
            "properties: { security.protocol: ssl, ssl.ca.location: nowhere.pem }",
            "k.yaml:5:43: sinks.k.properties.ssl.ca.location: nowhere.pem: the file can't be read: No such file or directory (os error 2); it must be a file with the certificates, in PEM, of the authorities that signed the brokers'",
        ),
        (
            "properties: { security.protocol: sasl_plaintext }",
            "k.yaml:5:5: sinks.k.properties: librdkafka can't work with these properties: set sasl.mechanism to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; without one it is GSSAPI, which kalends lacks",
        ),
        (
            "properties: { sasl.password: hunter2 }",
            "k.yaml:5:19: sinks.k.properties.sasl.password: a secret is never written in the configuration; write { env: NAME } or { file: PATH }",
        ),
        (
            "topics: { prefix: 'a/b' }",
            "k.yaml:5:15: sinks.k.topics.prefix: a topic's name consists of letters, digits, `.`, `_` and `-`, at most 249, and does not begin with `.`",
        ),
        (
            "topics: { names: { Test: a, DeadLetter: a } }",
            "k.yaml:5:24: sinks.k.topics.names.Test: this is the topic of DeadLetter; a topic has records of one type",
        ),
        (
            "start: yesterday",
            "k.yaml:5:5: sinks.k.start: `yesterday` is no start; write earliest, latest or a time such as 2026-01-31T00:00:00Z",
        ),
        (
            "delivery: exactly_once",
            "k.yaml:5:5: sinks.k.delivery: unknown word `exactly_once`; did you mean `exactly-once`?",
        ),
    ];
    for (yaml, expected) in cases {
        fails(&format!("{head}{yaml}\n"), &[], &[expected]);
    }
}

#[test]
fn brokers_with_a_scheme_are_refused() {
    let yaml = "endpoints: { main: {} }\nsinks:\n  k:\n    kind: kafka\n    brokers: http://kafka:9092\n";
    let told = "k.yaml:5:5: sinks.k.brokers: a broker's address has no scheme; write host:port, and set security.protocol under properties";
    fails(yaml, &[], &[told]);
}
