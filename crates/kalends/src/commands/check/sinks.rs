use std::collections::BTreeMap;

use jiff::Timestamp;
use kalends_settings::{Settings, Sink, altered_fields, record_names, schema_catalogue::Catalogue};
use kalends_sink::{Claim, Context, Report, Scope, SharedMetrics, name_sink};
use serde_json::Value;

use super::start::{self, Start};
use crate::sink_streams;

/// Facts about the sinks that are worth knowing and keep nobody from using them.
pub(super) fn notes(settings: &Settings) -> Vec<String> {
    let directory = settings.schemas.directory.as_deref();
    // Schemas that can't be read are told elsewhere.
    let Ok(schemas) = Catalogue::read(directory, settings.timestamps.into()) else { return Vec::new() };
    let notes = |(name, sink): (&String, &Sink)| {
        let records = record_names(&schemas.plan, Some(sink));
        let altered = altered_fields(&schemas.plan, sink);
        let told = sink.own.notes(&Scope { sink: name, records: Some(&records), altered: &altered });
        told.into_iter().map(|note| format!("sink {name}: {note}")).collect::<Vec<_>>()
    };
    settings.sinks.iter().flat_map(notes).collect()
}

/// What is about to be tried, where an answer may take its time.
pub(super) fn announcement(name: &str, sink: &Sink) -> Option<String> {
    sink.own.announcement().map(|what| format!("sink {name}: {what}"))
}

/// What is known of the sinks that were tried before, and of the daemon that runs.
pub(super) struct Tried {
    /// What a running daemon says of itself.
    status: Option<Value>,
    /// What was claimed so far, and by which sink.
    claimed: BTreeMap<String, String>,
}

impl Tried {
    pub(super) const fn new(status: Option<Value>) -> Self {
        Self { status, claimed: BTreeMap::new() }
    }

    /// Tries one sink's destination, and compares what it says with what is noted and with the journal.
    pub(super) fn sink(&mut self, settings: &Settings, name: &str, sink: &Sink) -> Report {
        let start = Start::new(settings, name, sink);
        let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into());
        let plan = match schemas {
            Ok(schemas) => schemas.plan,
            Err(faults) => return Report { wrong: vec![faults.to_string()], ..Report::default() },
        };
        let altered = altered_fields(&plan, sink);
        let metrics = SharedMetrics::default();
        let context = Context {
            journal: start.journal,
            now: Timestamp::now().as_microsecond(),
            max_body: settings.listen.max_body.bytes(),
            altered: &altered,
            ..Context::new(name, &metrics)
        };
        let streams = sink_streams::of(sink, &plan);
        let mut report = sink.own.preflight(&context, &streams);
        let clash = self.claim(name, &report.claims);
        report.wrong.extend(clash);
        if report.is_ready() {
            start.compare(&streams, &mut report);
        }
        if report.is_ready() {
            report.wrong.extend(self.status.as_ref().and_then(|status| start::hold(status, name)));
        }
        for message in report.wrong.iter_mut().chain(&mut report.unavailable) {
            *message = name_sink(message, name).into_owned();
        }
        report
    }

    /// What it means that another sink has what this one needs for itself; the first that is found is told.
    fn claim(&mut self, sink: &str, claims: &[Claim]) -> Option<String> {
        let mut clash = None;
        for claim in claims {
            let Claim::Name { name, shown, advice, .. } = claim else { continue };
            match self.claimed.get(name) {
                Some(owner) if clash.is_none() => {
                    clash = Some(format!(
                        "sink `{owner}` writes to {shown}, where each event would stand twice; {advice}"
                    ));
                }
                Some(_) => {}
                None => drop(self.claimed.insert(name.clone(), sink.to_owned())),
            }
        }
        clash
    }
}
