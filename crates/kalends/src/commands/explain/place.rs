use std::sync::Arc;

use kalends_journal::ShardLog;
use kalends_journal_local::inspect;
use kalends_normalise::Plan;
use kalends_settings::Settings;

use super::{Account, Explainer};
use crate::{
    commands::journal::no_receipt,
    output::{
        exit::{Exit, Failure},
        progress::Bar,
    },
};

/// The name of the endpoint with this path or name; without one, that of the first.
///
/// # Errors
/// There is no such endpoint (64).
pub(super) fn endpoint<'a>(settings: &'a Settings, wanted: Option<&str>) -> Result<&'a str, Failure> {
    let Some(wanted) = wanted else {
        return Ok(settings.endpoints.keys().next().map_or("main", String::as_str));
    };
    let path = |text: &str| text.trim_end_matches('/').to_owned();
    // A path that is a secret is not read, and so is empty here.
    let has_path = |at: &str| !at.is_empty() && path(at) == path(wanted);
    let found = settings
        .endpoints
        .iter()
        .find(|(name, endpoint)| *name == wanted || has_path(endpoint.path.expose()));
    found.map(|(name, _)| name.as_str()).ok_or_else(|| {
        let names: Vec<_> = settings.endpoints.keys().map(String::as_str).collect();
        let message = format!(
            "no endpoint has the path or the name `{wanted}`; the endpoints are called {} (one with a secret path is known by its name \
             alone)",
            names.join(", ")
        );
        Failure::new(Exit::Usage, message)
    })
}

/// Explains the receipt at a position of the journal, and whether it repeats one of the window before it.
pub(super) fn at(
    settings: &Settings,
    plan: &Arc<Plan>,
    sink: Option<&str>,
    at: u64,
) -> Result<Account, Failure> {
    let inspection = inspect(&settings.journal.directory).map_err(|error| Failure::journal(&error))?;
    let log = inspection.log();
    if at < log.first_kept().max(1) || at > log.synced().position {
        return Err(no_receipt(log, at));
    }
    let mut explainer = Explainer::new(settings, plan, Some(log), sink)?;
    let disk = |error: &dyn std::fmt::Display| Failure::new(Exit::Disk, error);
    let after = window_begin(log, settings, at).map_err(|error| disk(&error))?;
    let (mut frames, bar) = (log.read_after(after), Bar::of(at - after, "webhooks"));
    while let Some(frame) = frames.next().map_err(|error| disk(&error))? {
        if frame.position >= at {
            drop(bar);
            return if frame.position == at { explainer.account(&frame) } else { Err(no_receipt(log, at)) };
        }
        explainer.pass(&frame)?;
        bar.at(frame.position - after);
    }
    Err(no_receipt(log, at))
}

/// The position behind which the duplicate window of `at` begins.
fn window_begin(log: &dyn ShardLog, settings: &Settings, at: u64) -> Result<u64, kalends_journal::ReadError> {
    let time = log.read_after(at - 1).next()?.map_or(i64::MAX, |frame| frame.time);
    let window = i64::try_from(settings.deduplicate.window.as_micros()).unwrap_or(i64::MAX);
    log.mark_before(time.saturating_sub(window)).map(|mark| mark.position.min(at - 1))
}
