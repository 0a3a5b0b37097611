use kalends_journal::{ReadError, ShardLog};
use kalends_receipt::Receipt;
use kalends_sink::Failure;

use super::seek::unreadable;

/// The position right before the first kept receipt that was received at `time` (microseconds since the Unix epoch) or
/// later; the journal's end when there is none. Every receipt through it was received before `time`.
///
/// Reads from the oldest kept receipt on: positions follow journal time, which may be any time after or before that of
/// receipt, as when a clock was set.
///
/// # Errors
/// [`Failure`] when the journal can't be read.
pub fn position_before_received(log: &dyn ShardLog, time: i64) -> Result<u64, Failure> {
    let mut before = log.first_kept().saturating_sub(1);
    let mut reader = log.read_after(before);
    loop {
        match reader.next() {
            Ok(Some(frame)) => {
                // Nobody can tell when something else was received.
                let receipt = Receipt::decode(frame.payload).ok();
                if receipt.is_some_and(|receipt| receipt.envelope.received_at >= time) {
                    return Ok(before);
                }
                before = frame.position;
            }
            Ok(None) => return Ok(before),
            Err(ReadError::Gone { .. }) => {
                return Err(Failure::retry("the oldest events have just been removed"));
            }
            Err(error) => return Err(unreadable(&error)),
        }
    }
}
