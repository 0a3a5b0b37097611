//! What a sink's loop does with a record that its destination refuses.

use std::sync::Arc;

use kalends_sink::Failure;

use super::SinkLoop;
use crate::scan::decoder::{Content, DecodedEvent};

impl SinkLoop {
    /// One record was refused: next time it is written as a dead letter. A dead letter refused in its smallest form is a hold.
    pub(super) fn reject(&mut self, position: u64, reason: &'static str, message: String) -> Failure {
        let event = self.event_at(position);
        let dead_letter = event.as_ref().is_some_and(|e| matches!(e.content, Content::DeadLetter { .. }));
        if self.rejected.refuse(position, reason, message.clone(), dead_letter) {
            self.metrics.refused();
            if let Some(event) = event {
                self.scan_state.remember(&event, self.health.sink(), reason, &message);
            }
            Failure::Data { position, reason, message }
        } else {
            Failure::hold(format!(
                "the dead letter for journal position {position} is refused too: {message}"
            ))
        }
    }

    fn event_at(&mut self, position: u64) -> Option<Arc<DecodedEvent>> {
        self.source.after(position.saturating_sub(1), 1).ok()?.into_iter().next()
    }
}
