use kalends_delivery::{SeekTarget, Start, position_before_received};
use kalends_journal::{ReadError, ShardLog};

use crate::{
    commands::journal::no_receipt,
    output::exit::{Exit, Failure},
};

/// The position behind which events are shown.
///
/// # Errors
/// There is no such position (65); the journal can't be read (74).
pub(super) fn begin(log: &dyn ShardLog, from: Option<SeekTarget>) -> Result<u64, Failure> {
    let earliest = log.first_kept().saturating_sub(1);
    match from {
        None | Some(SeekTarget::Start(Start::Latest)) => Ok(log.synced().position),
        Some(SeekTarget::Start(Start::Earliest)) => Ok(earliest),
        Some(SeekTarget::Start(Start::Time(time))) => {
            position_before_received(log, time).map_err(|error| Failure::new(Exit::Disk, error))
        }
        Some(SeekTarget::Start(Start::Behind(position))) => Ok(position),
        Some(SeekTarget::Position(position)) => {
            // One behind the last is where the next webhook will stand.
            let is_kept = position > earliest && position <= log.synced().position + 1;
            if is_kept { Ok(position - 1) } else { Err(no_receipt(log, position)) }
        }
    }
}

/// The position behind which the duplicate window of what follows `position` begins.
pub(super) fn window_begin(
    log: &dyn ShardLog,
    position: u64,
    window: std::time::Duration,
) -> Result<u64, ReadError> {
    let next = log.read_after(position).next()?.map(|frame| frame.time);
    let time = next.unwrap_or_else(|| log.synced().time);
    let window = i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
    log.mark_before(time.saturating_sub(window)).map(|mark| mark.position.min(position))
}
