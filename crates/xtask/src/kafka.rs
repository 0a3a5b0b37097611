use std::{io::Write, process::Command};

use crate::workspace;

/// Outcome of the search for a real Kafka broker.
pub(crate) enum Kafka {
    /// Its jars are in the cache.
    Fetched,
    /// A broker can't be had here, and why.
    Missing(String),
}

/// Fetches Apache Kafka's jars into the cache, unless they are there.
///
/// # Errors
/// The shell can't be started.
pub(crate) fn fetch() -> anyhow::Result<Kafka> {
    // The scripts choose the Java and know the cache; a second opinion here could only differ from theirs.
    let script = r#". tests/services/lib.sh && need_java 17 && fetch_jars tests/services/poms/kafka.xml "$KALENDS_INFRA/libs/kafka""#;
    writeln!(std::io::stderr(), "Apache Kafka: from the cache, or by Maven if it is not there yet")?;
    let output = Command::new("bash").current_dir(workspace::root()).args(["-c", script]).output()?;
    if output.status.success() {
        return Ok(Kafka::Fetched);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().last().unwrap_or("tests/services/lib.sh said nothing");
    Ok(Kafka::Missing(why.trim_start_matches("bash: ").to_owned()))
}
