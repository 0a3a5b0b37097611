//! `kalends check`: every problem of a configuration, and with `--connect` of what it names.

mod disk;
mod registry;
mod sinks;

use serde_json::{Value, json};

use crate::{
    cli::CheckArgs,
    exit::{Exit, Failure},
    settings::{Place, Problem},
    stdout::Stdout,
};

/// What one place said when it was tried.
#[derive(Debug, Default)]
struct Report {
    /// Lines for standard output: what was found, and what is worth knowing.
    notes: Vec<String>,
    /// Somebody has to act.
    wrong: Vec<String>,
    /// It did not answer, or has no room, and that may pass by itself.
    unavailable: Vec<String>,
}

/// Checks a configuration.
///
/// # Errors
/// Everything that is wrong with it (78). With `--connect` also everything that somebody has to mend at brokers or disks (78), or, with
/// nothing of that kind, that something did not answer (69).
pub fn check(args: &CheckArgs) -> Result<(), Failure> {
    let name = args.configuration.name();
    let mut out = Stdout::lock();
    let settings = match args.configuration.read() {
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
    }
    let mut found = Found::default();
    if args.connect {
        found.add("journal", disk::journal(&settings));
        for (name, sink) in &settings.sinks {
            found.add(&format!("sink {name}"), sinks::sink(&settings, name, sink));
        }
    }
    let ended = verdict(&found.wrong, &found.unavailable);
    if args.json {
        let object = json!({
            "configuration": name, "sound": ended.is_ok(), "endpoints": settings.endpoints.len(), "sinks": settings.sinks.len(),
            "notes": found.notes, "problems": found.wrong, "unavailable": found.unavailable,
        });
        out.line(object).map(drop)?;
    } else {
        for note in &found.notes {
            out.line(note).map(drop)?;
        }
    }
    ended
}

/// What all places said, each line beginning with its place.
#[derive(Debug, Default)]
struct Found {
    notes: Vec<String>,
    wrong: Vec<String>,
    unavailable: Vec<String>,
}

impl Found {
    fn add(&mut self, place: &str, report: Report) {
        let is_ready = report.wrong.is_empty() && report.unavailable.is_empty();
        let at = |message: String| format!("{place}: {message}");
        self.notes.extend(report.notes.into_iter().map(at));
        self.notes.extend(is_ready.then(|| at("ready".to_owned())));
        self.wrong.extend(report.wrong.into_iter().map(at));
        self.unavailable.extend(report.unavailable.into_iter().map(at));
    }
}

/// A problem for programs.
fn of_problem(problem: &Problem) -> Value {
    let (file, line, column) = match &problem.place {
        Place::File { name, line, column } => (Some(name), Some(line), Some(column)),
        Place::Variable(_) => (None, None, None),
    };
    let variable = match &problem.place {
        Place::Variable(name) => Some(name),
        Place::File { .. } => None,
    };
    json!({
        "file": file, "line": line, "column": column, "variable": variable, "key": problem.key, "message": problem.message,
    })
}

fn verdict(wrong: &[String], unavailable: &[String]) -> Result<(), Failure> {
    let exit = match (wrong, unavailable) {
        ([], []) => return Ok(()),
        ([], _) => Exit::Unavailable,
        _ => Exit::Configuration,
    };
    let lines: Vec<&str> = wrong.iter().chain(unavailable).map(String::as_str).collect();
    Err(Failure::new(exit, lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_has_to_mend_weighs_more_than_what_does_not_answer() {
        let line = |text: &str| vec![text.to_owned()];
        assert!(verdict(&[], &[]).is_ok());
        assert_eq!(verdict(&[], &line("away")).unwrap_err().exit, Exit::Unavailable);
        let both = verdict(&line("wrong"), &line("away")).unwrap_err();
        assert_eq!((both.exit, both.message.as_str()), (Exit::Configuration, "wrong\naway"));
    }
}
