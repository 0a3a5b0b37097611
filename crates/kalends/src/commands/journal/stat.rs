use std::path::Path;

use jiff::Timestamp;
use kalends_journal_local::inspect;
use kalends_settings::Size;
use serde_json::json;

use super::unopened;
use crate::output::{exit::Failure, stdout::Stdout};

/// Prints what a journal holds.
pub(super) fn stat(directory: &Path, as_json: bool) -> Result<(), Failure> {
    let inspection = inspect(directory).map_err(|error| unopened(&error))?;
    let (log, tail) = (inspection.log(), inspection.tail());
    let usage = log.usage();
    let id = log.id().to_string();
    let time = (usage.last > 0).then(|| Timestamp::from_microsecond(usage.last_time).ok()).flatten();
    let mut out = Stdout::lock();
    if as_json {
        let line = json!({
            "directory": directory, "journal": id, "first": usage.first, "last": usage.last,
            "last_time": time.map(|time| time.to_string()), "segments": usage.segments, "bytes": usage.bytes,
            "tail_bytes": tail.map_or(0, |tail| tail.bytes),
        });
        return out.line(line).map(drop);
    }
    let time = time.map_or_else(|| "never".to_owned(), |time| time.to_string());
    let text = format!(
        "directory  {}\njournal    {id}\npositions  {} to {}\nwritten    {time}\nsegments   {}\nsize       {}",
        directory.display(),
        usage.first,
        usage.last,
        usage.segments,
        Size::told(usage.bytes),
    );
    let tail = tail.map(|tail| {
        format!("\ntail       {} at byte {} of {}", Size::told(tail.bytes), tail.offset, tail.file.display())
    });
    out.line(text + &tail.unwrap_or_default()).map(drop)
}
