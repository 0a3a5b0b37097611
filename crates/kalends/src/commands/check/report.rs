use kalends_sink::Report as Said;

use crate::output::{
    exit::{Exit, Failure},
    pasteable::pasteable,
};

/// What was said where something was tried.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Lines for standard output: what was found, and what is worth knowing.
    pub(super) notes: Vec<String>,
    /// Somebody has to act.
    pub(super) wrong: Vec<String>,
    /// It did not answer, or has no room, and that may pass by itself.
    pub(super) unavailable: Vec<String>,
}

impl Report {
    /// Adds what was said at one place, each line beginning with the place.
    pub(super) fn add(&mut self, place: &str, said: Said) {
        let is_ready = said.is_ready();
        let at = |message: String| format!("{place}: {}", pasteable(&message));
        self.notes.extend(said.notes.into_iter().map(at));
        self.notes.extend(is_ready.then(|| at("ready".to_owned())));
        self.wrong.extend(said.wrong.into_iter().map(at));
        self.unavailable.extend(said.unavailable.into_iter().map(at));
    }

    /// How the command ends.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let exit = match (self.wrong.as_slice(), self.unavailable.as_slice()) {
            ([], []) => return Ok(()),
            ([], _) => Exit::Unavailable,
            _ => Exit::Configuration,
        };
        let lines: Vec<&str> = self.wrong.iter().chain(&self.unavailable).map(String::as_str).collect();
        Err(Failure::new(exit, lines.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_has_to_mend_weighs_more_than_what_does_not_answer() {
        let mut report = Report::default();
        assert!(report.verdict().is_ok());
        report.unavailable.push("away".to_owned());
        assert_eq!(report.verdict().unwrap_err().exit, Exit::Unavailable);
        report.wrong.push("wrong".to_owned());
        let both = report.verdict().unwrap_err();
        assert_eq!((both.exit, both.message.as_str()), (Exit::Configuration, "wrong\naway"));
    }
}
