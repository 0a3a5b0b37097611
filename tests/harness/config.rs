//! Configurations for tests.

/// Path of the only endpoint.
pub const PATH: &str = "/webhooks/rokt";

/// What every configuration has in common: free ports, one endpoint, a journal, a log that can be read by a program.
const COMMON: &str = "\
listen: { address: 127.0.0.1:0 }
endpoints:
  main: { path: /webhooks/rokt }
journal: { kind: local, directory: ./journal }
admin: { address: 127.0.0.1:0 }
log: { level: info, format: json }
";

/// A configuration with the files sink alone; it publishes at least once a second.
#[must_use]
pub fn files() -> String {
    format!("{COMMON}sinks:\n{}", files_sink())
}

/// A configuration with a files sink that gets nothing of what the journal holds when it first starts.
#[must_use]
pub fn files_from_now_on() -> String {
    format!(
        "{COMMON}sinks:\n  files: {{ kind: files, directory: ./events, roll_every: 1s, start: latest }}\n"
    )
}

/// A configuration with so many files sinks.
#[must_use]
pub fn many_files(sinks: u32) -> String {
    let sink = |n| format!("  files{n}: {{ kind: files, directory: ./events/{n}, roll_every: 1s }}\n");
    format!("{COMMON}sinks:\n{}", (0..sinks).map(sink).collect::<String>())
}

/// A configuration with the files sink and a Kafka sink of these brokers.
#[must_use]
pub fn files_and_kafka(brokers: &str) -> String {
    format!("{COMMON}sinks:\n{}{}", files_sink(), kafka_sink(brokers))
}

/// A configuration with a Kafka sink alone, whose topics have several partitions.
#[must_use]
pub fn partitioned_kafka(brokers: &str) -> String {
    kafka_with(brokers, "partitions: 4")
}

/// A configuration with a Kafka sink alone that has these further keys, such as `partitions: 4`.
#[must_use]
pub fn kafka_with(brokers: &str, more: &str) -> String {
    format!("{COMMON}sinks:\n  kafka: {{ kind: kafka, brokers: \"{brokers}\", {more} }}\n")
}

/// A configuration with a Kafka sink alone.
#[must_use]
pub fn kafka(brokers: &str) -> String {
    format!("{COMMON}sinks:\n{}", kafka_sink(brokers))
}

/// A configuration with a PostgreSQL sink alone, which speaks to `place` (`HOST:PORT/DATABASE`) without TLS, commits often, and has
/// these further keys, such as `behind: hold`.
#[must_use]
pub fn postgres(place: &str, more: &str) -> String {
    format!("{COMMON}sinks:\n{}", postgres_sink("database", place, more))
}

/// The lines of such a sink, for a configuration of several.
#[must_use]
pub fn postgres_sink(name: &str, place: &str, more: &str) -> String {
    let url = format!("postgres://kalends@{place}");
    format!("  {name}: {{ kind: postgres, url: \"{url}\", tls: off, commit_every: 100ms, {more} }}\n")
}

fn files_sink() -> String {
    "  files: { kind: files, directory: ./events, roll_every: 1s }\n".to_owned()
}

fn kafka_sink(brokers: &str) -> String {
    format!("  kafka: {{ kind: kafka, brokers: \"{brokers}\" }}\n")
}

/// A configuration with a Kafka sink alone that has a schema registry. `registry` and `more` are further keys of
/// the registry and of the sink, such as `auto_register: true`.
#[must_use]
pub fn kafka_with_registry(brokers: &str, url: &str, registry: &str, more: &str) -> String {
    format!(
        "{COMMON}sinks:\n  kafka:\n    kind: kafka\n    brokers: \"{brokers}\"\n    \
         schema_registry: {{ url: \"{url}\", {registry} }}\n    {more}\n"
    )
}
