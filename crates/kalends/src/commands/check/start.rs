//! What the start of a sink would say of its checkpoint.

use kalends_delivery::Rehearsal;
use kalends_journal_local::{id_of, inspect};
use kalends_settings::{Settings, Sink};
use kalends_sink::{Failure, JournalId, Report, Stream};
use serde_json::Value;

use crate::{commands::sinks, journals, sink_streams::start};

/// What is known of a sink before its destination is asked.
pub(super) struct Start<'a> {
    settings: &'a Settings,
    sink: &'a Sink,
    /// The journal that there is.
    pub(super) journal: Option<JournalId>,
    noted: Result<Rehearsal, Failure>,
}

impl<'a> Start<'a> {
    pub(super) fn new(settings: &'a Settings, name: &str, sink: &'a Sink) -> Self {
        let journal = id_of(&settings.journal.directory);
        let noted = Rehearsal::new(journals::notes(settings, name), name);
        Self { settings, sink, journal, noted }
    }

    /// Adds what the start would hold for, now that the destination's checkpoint is known.
    pub(super) fn compare(self, streams: &[Stream], report: &mut Report) {
        // Looked at last: a daemon that runs moves it on.
        let Some(inspection) = self.journal.and_then(|_| inspect(&self.settings.journal.directory).ok())
        else {
            return;
        };
        let (start, required) = (start(self.sink.common.start), self.sink.common.required);
        let compared =
            self.noted.and_then(|noted| noted.run(inspection.log(), streams, start, required, report));
        if let Err(failure) = compared {
            report.fail(&failure);
        }
    }
}

/// What a daemon that runs says of a sink on hold.
pub(super) fn hold(status: &Value, name: &str) -> Option<String> {
    let sink = sinks::told_of(status, name)?;
    let is_held = sink.get("state").is_some_and(|state| state == "hold");
    let error = sink.get("last_error").and_then(Value::as_str).unwrap_or("the daemon does not say why");
    is_held.then(|| format!("on hold in the daemon that runs: {error}"))
}
