//! `kalends check`: every problem of a configuration, and with `--connect` of what it names.

mod journal;
mod report;
mod secrets;
mod sinks;
mod start;

use kalends_settings::{Place, Problem, Settings, Sink, schema_catalogue::Catalogue};
use serde_json::{Map, Value, json};

use self::report::Report;
use crate::{
    admin_client::ask_own,
    cli::CheckArgs,
    output::{
        exit::{Exit, Failure},
        stdout::Stdout,
    },
};

/// Checks a configuration.
///
/// # Errors
/// Everything that is wrong with it (78). With `--connect` also everything that somebody has to mend at brokers or disks (78), or, with
/// nothing of that kind, that something did not answer (69).
pub fn check(args: &CheckArgs) -> Result<(), Failure> {
    let name = args.configuration.name();
    let mut out = Stdout::lock();
    let mut settings = match args.configuration.read() {
        Ok(settings) => settings,
        Err(problems) => {
            if args.json {
                let problems: Vec<_> = problems.iter().map(of_problem).collect();
                out.line(json!({ "configuration": name, "sound": false, "problems": problems })).map(drop)?;
            }
            return Err(Failure::new(Exit::Configuration, problems));
        }
    };
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let parts = [count(settings.endpoints.len(), "endpoint"), count(settings.sinks.len(), "sink")].join(", ");
    if !args.json {
        out.line(format!("{name}: sound ({parts})")).map(drop)?;
        for (name, sink) in &settings.sinks {
            out.line(format!("sink {name} ({}): {}", sink.own.kind(), sink.own.guarantee().as_str()))
                .map(drop)?;
        }
    }
    let mut found = Report { notes: schema_notes(&settings), ..Report::default() };
    found.notes.extend(sinks::notes(&settings));
    found.notes.extend(secrets::notes(&mut settings));
    if args.connect {
        found.add("journal", journal::journal(&settings));
        let status = ask_own(&settings).ok().map(|told| told.status);
        let mut tried = sinks::Tried::new(status);
        for (name, sink) in &settings.sinks {
            if let Some(line) = sinks::announcement(name, sink).filter(|_| !args.json) {
                out.line(line).map(drop)?;
            }
            found.add(&format!("sink {name}"), tried.sink(&settings, name, sink));
        }
    }
    let ended = found.verdict();
    if args.json {
        let guarantee = |(name, sink): (&String, &Sink)| (name.clone(), json!(sink.own.guarantee().as_str()));
        let guarantees: Map<String, Value> = settings.sinks.iter().map(guarantee).collect();
        let object = json!({
            "configuration": name, "sound": ended.is_ok(), "endpoints": settings.endpoints.len(), "sinks": settings.sinks.len(),
            "guarantees": guarantees, "notes": found.notes, "problems": found.wrong, "unavailable": found.unavailable,
        });
        out.line(object).map(drop)?;
    } else {
        for note in &found.notes {
            out.line(note).map(drop)?;
        }
    }
    ended
}

/// What is worth knowing of the schemas, which the configuration's own check has found sound.
fn schema_notes(settings: &Settings) -> Vec<String> {
    let read = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into());
    let notes = read.map(|catalogue| catalogue.notes()).unwrap_or_default();
    notes.into_iter().map(|note| note.message).collect()
}

/// A problem for programs.
fn of_problem(problem: &Problem) -> Value {
    let (file, line, column, variable) = match &problem.place {
        Place::File { name, line, column } => (Some(name), Some(line), Some(column), None),
        Place::Variable(name) => (None, None, None, Some(name)),
    };
    json!({
        "file": file, "line": line, "column": column, "variable": variable, "key": problem.key, "message": problem.message,
    })
}
