use kalends_sink::{Claim, Context, Report, Standing, Stream};
use kalends_value::Path;

use super::{KafkaSettings, SHARED_TOPIC};
use crate::{
    preflight as cluster,
    registry::{Error, Settings, inspect},
};

/// Dead letters of several sinks may share a topic.
const DEAD_LETTER: &str = "DeadLetter";

/// Tries the cluster, and the schema registry where there is one.
pub(super) fn preflight(settings: &KafkaSettings, context: &Context<'_>, streams: &[Stream]) -> Report {
    let sink = settings.for_sink(context.name);
    let found = cluster::preflight(
        &sink,
        streams,
        cluster::Context { max_body: context.max_body, now: context.now, journal: context.journal },
    );
    let claims = found.cluster_id.map(|cluster| claims(&cluster, streams)).unwrap_or_default();
    let mut report = Report { notes: found.notes, checkpoint: found.checkpoint, claims, ..Report::default() };
    for problem in found.problems {
        let list = if problem.unreachable { &mut report.unavailable } else { &mut report.wrong };
        list.push(problem.message);
    }
    if let Some(registry) = &sink.registry {
        try_registry(registry, streams, &mut report);
    }
    report
}

/// The topics of events, by the identity of their cluster: its brokers may have several names.
fn claims(cluster: &str, streams: &[Stream]) -> Vec<Claim> {
    let events = streams.iter().filter(|stream| stream.schema.name != DEAD_LETTER);
    let claim = |stream: &Stream| Claim::Name {
        at: Path::keys(&["topics"]),
        name: format!("kafka {cluster} {}", stream.topic),
        shown: format!("`{}` of the same cluster under other names of its brokers", stream.topic),
        advice: SHARED_TOPIC,
    };
    events.map(claim).collect()
}

/// Asks a schema registry whether it has the schemas of these streams, or would take them.
fn try_registry(settings: &Settings, streams: &[Stream], report: &mut Report) {
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
            "the schema registry doesn't have the schemas of {missing}: run `kalends schemas register`"
        )),
    }
}
