//! `kalends check`: every problem of a configuration, and with `--connect` of what it names.

mod disk;
mod registry;
mod sinks;

use crate::{
    cli::CheckArgs,
    exit::{Exit, Failure},
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
    let settings = args.configuration.settings()?;
    let name = args.configuration.name();
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut out = Stdout::lock();
    let mut say = |line: String| out.line(line).map(drop);
    let parts = [count(settings.endpoints.len(), "endpoint"), count(settings.sinks.len(), "sink")].join(", ");
    say(format!("{name}: sound ({parts})"))?;
    if !args.connect {
        return Ok(());
    }
    let journal = ("journal".to_owned(), disk::journal(&settings));
    let sinks = settings
        .sinks
        .iter()
        .map(|(name, sink)| (format!("sink {name}"), sinks::sink(&settings, name, sink)));
    let (mut wrong, mut unavailable) = (Vec::new(), Vec::new());
    for (place, report) in std::iter::once(journal).chain(sinks) {
        for note in report.notes {
            say(format!("{place}: {note}"))?;
        }
        if report.wrong.is_empty() && report.unavailable.is_empty() {
            say(format!("{place}: ready"))?;
        }
        wrong.extend(report.wrong.into_iter().map(|message| format!("{place}: {message}")));
        unavailable.extend(report.unavailable.into_iter().map(|message| format!("{place}: {message}")));
    }
    verdict(&wrong, &unavailable)
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
