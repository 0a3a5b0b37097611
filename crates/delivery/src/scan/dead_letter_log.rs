use std::time::{Duration, Instant};

use crate::scan::decoder::DecodedEvent;

/// Time for which the log is silent after a line about dead letters.
const SILENCE: Duration = Duration::from_mins(1);

/// Says in the log that webhooks became dead letters: the first at once, then at most once a minute, with their number and the
/// reason of the last.
#[derive(Debug, Default)]
pub(crate) struct DeadLetterLog {
    told: Option<Instant>,
    untold: u64,
}

impl DeadLetterLog {
    /// A webhook became a dead letter.
    pub(crate) fn add(&mut self, event: &DecodedEvent, reason: &'static str, message: &str, now: Instant) {
        self.untold += 1;
        if self.told.is_some_and(|told| now.saturating_duration_since(told) < SILENCE) {
            return;
        }
        tracing::warn!(
            count = self.untold,
            position = event.position,
            endpoint = &*event.endpoint,
            reason,
            error = message,
            "webhooks that are no events became dead letters; these are position and reason of the last"
        );
        self.told = Some(now);
        self.untold = 0;
    }
}
