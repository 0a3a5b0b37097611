//! Compares this machine's clock with what the topics allow: a record of this time is sent in a transaction that
//! is aborted, so no consumer of committed records sees it.

use kalends_sink::Failure;

use crate::{
    Settings,
    checkpoint::PARTITION,
    producer::{Message, Session, Verdict},
    topics::Limits,
};

/// A key that no checkpoint has.
const KEY: &str = "check";

/// Tries the time `now`, in microseconds since the Unix epoch, on the checkpoint topic.
///
/// # Errors
/// [`Failure::Hold`] says what to do about the clock.
pub(super) fn run(
    settings: &Settings,
    mut session: Session,
    limits: &[Limits],
    now: i64,
) -> Result<(), Failure> {
    let Some(time) = time(settings, limits, now) else { return Ok(()) };
    let message = Message {
        topic: &settings.checkpoint_topic,
        partition: Some(PARTITION),
        key: KEY,
        value: b"",
        headers: None,
        time: Some(time),
        position: 0,
    };
    match session.send(message).and_then(|()| session.drain()) {
        Ok(()) => Ok(()),
        Err(interruption) => match session.end(interruption) {
            Verdict::Failure(failure) => Err(failure),
            // Neither says anything of the clock.
            Verdict::Fenced | Verdict::Refused(..) => Ok(()),
        },
    }
}

/// The time to send, in milliseconds: the checkpoint topic stands in for the topic with the strictest limit. `None` when no
/// topic looks at times.
fn time(settings: &Settings, limits: &[Limits], now: i64) -> Option<i64> {
    let checkpoints = limits.iter().find(|topic| topic.name == settings.checkpoint_topic)?;
    let strictest = limits.iter().filter_map(Limits::max_ahead_ms).min()?;
    let more = checkpoints.max_ahead_ms()?.saturating_sub(strictest);
    Some(now.div_euclid(1000).saturating_add(more))
}
