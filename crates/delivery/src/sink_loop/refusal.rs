//! What a sink's loop does with a record that its destination refuses.

use kalends_sink::Failure;

use super::SinkLoop;
use crate::scan::Content;

impl SinkLoop {
    /// One record was refused: next time it is written as a dead letter. A dead letter refused in its smallest form is a hold.
    pub(super) fn condemn(&mut self, position: u64, reason: &'static str, message: String) -> Failure {
        let dead_letter = self.is_dead_letter(position);
        if self.condemned.refuse(position, reason, message.clone(), dead_letter) {
            self.metrics.refused();
            Failure::Data { position, reason, message }
        } else {
            Failure::hold(format!(
                "the dead letter for journal position {position} is refused too: {message}"
            ))
        }
    }

    fn is_dead_letter(&mut self, position: u64) -> bool {
        let found = self.feed.after(position.saturating_sub(1), 1);
        found.is_ok_and(|events| {
            events.first().is_some_and(|e| matches!(e.content, Content::DeadLetter { .. }))
        })
    }
}
