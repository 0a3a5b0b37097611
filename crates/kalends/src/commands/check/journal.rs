use kalends_journal_local::{OpenError, try_lock};
use kalends_settings::{Settings, Size};
use kalends_sink::Report;

/// Tries the journal's directory.
pub(super) fn journal(settings: &Settings) -> Report {
    let journal = &settings.journal;
    let found = kalends_disk::directory(&journal.directory);
    let mut report = Report { notes: found.notes, wrong: found.wrong, ..Report::default() };
    if journal.directory.is_dir() && report.wrong.is_empty() {
        match try_lock(&journal.directory) {
            Ok(()) => {}
            Err(OpenError::Locked { .. }) => report.notes.push("a running daemon writes it".to_owned()),
            Err(error) => report.wrong.push(error.to_string()),
        }
    }
    let least = journal.min_free.bytes().saturating_add(journal.segment_size.bytes());
    if let Some(free) = kalends_disk::free(&journal.directory) {
        if free < least {
            report.unavailable.push(format!(
                "{} has {} free; it needs {} (min_free and one segment) to begin, or webhooks are refused: make room",
                journal.directory.display(),
                Size::told(free),
                Size::told(least)
            ));
        } else if free < journal.max_size.bytes() {
            report.notes.push(format!(
                "{} free, less than max_size ({}): a full file system stops it before that",
                Size::told(free),
                journal.max_size
            ));
        }
    }
    report
}
