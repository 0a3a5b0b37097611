use kalends_sink::Stream;
use kalends_sink_kafka::registry::{Error, Settings, Standing, inspect};

use super::report::Report;

/// Asks a schema registry whether it has the schemas of these streams, or would take them.
pub(super) fn try_out(settings: &Settings, streams: &[Stream], report: &mut Report) {
    let findings = match inspect(settings, streams) {
        Ok(findings) => findings,
        Err(error @ Error::Silent { .. }) => return report.unavailable.push(error.to_string()),
        Err(error) => return report.wrong.push(error.to_string()),
    };
    let mut missing = Vec::new();
    for finding in &findings {
        let subject = &finding.subject;
        if let Some(why) = finding.standing.refusal() {
            report.wrong.push(format!("the schema registry would not take the schema of {subject}, {why}"));
        } else if !matches!(finding.standing, Standing::Registered { .. }) {
            missing.push(subject.as_str());
        }
    }
    let missing = missing.join(", ");
    match (missing.is_empty(), settings.auto_register) {
        (true, _) => report.notes.push(format!("the schema registry answers ({} schemas)", findings.len())),
        (false, true) => report.notes.push(format!("to be registered with the schema registry: {missing}")),
        (false, false) => report.wrong.push(format!(
            "the schema registry doesn't have the schemas of {missing}: run `kalends schemas register` with this configuration"
        )),
    }
}
