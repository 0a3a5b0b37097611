//! What a sink's loop does with records that its destination refuses.

use std::sync::Arc;

use kalends_sink::Failure;

use super::{Attempt, SinkLoop};
use crate::{
    operator::refusal_count::Outcome,
    scan::decoder::{Content, DecodedEvent},
};

/// The reason of a dead letter that the destination has refused for what it is.
pub(super) const REJECTED: &str = "rejected-by-sink";
/// Reasons of dead letters that kalends knows by itself, which say nothing of the destination's health: larger than it takes,
/// about nobody that it would know.
const KNOWN: [&str; 2] = ["too-large", "no-identity"];

impl SinkLoop {
    /// The destination has refused what was written since the last commit, without knowing the record: it is searched for.
    pub(super) fn search(&mut self, attempt: &Attempt, code: String, message: String) -> Failure {
        match attempt.records {
            0 => Failure::hold(format!(
                "the destination refuses to go on without any record ({code}): {message}"
            )),
            1 => self.refuse(attempt.last, REJECTED, &code, message),
            records => {
                self.halving.narrow(records, attempt.last);
                Failure::Refused { code, message }
            }
        }
    }

    /// The destination has named the record that it refuses.
    pub(super) fn refuse_named(&mut self, position: u64, reason: &'static str, message: String) -> Failure {
        if KNOWN.contains(&reason) {
            return self.reject(position, reason, message);
        }
        self.refuse(position, reason, reason, message)
    }

    /// One record was refused: it is counted, unless it is a dead letter already, and rejected.
    fn refuse(&mut self, position: u64, reason: &'static str, code: &str, message: String) -> Failure {
        let message = if code == reason { message } else { format!("{message} ({code})") };
        let Some(topic) = self.topic_at(position) else { return self.reject(position, reason, message) };
        match self.refusals.refused(&topic, code, position) {
            Ok(Outcome::DeadLetter) => self.reject(position, reason, message),
            Ok(Outcome::Hold(before)) => Failure::hold(format!(
                "the destination refuses records of {topic} again and again ({code}), now that at position {position}: {message}; \
                 after ten of them in a row it seems that the destination has changed, not the events: mend it there, and the \
                 sink goes on by itself; those at {} became dead letters, which {} delivers then; or, if the records are bad \
                 indeed: {}",
                list(&before),
                self.printed().replay_dead_letters(),
                self.printed().dead_letter()
            )),
            Err(error) => self.cant_note(&error),
        }
    }

    /// One record was refused: next time it is written as a dead letter. A dead letter refused in its smallest form is a hold.
    fn reject(&mut self, position: u64, reason: &'static str, message: String) -> Failure {
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
                "the dead letter for journal position {position} is refused too, though it carries nothing but the position: \
                 {message}; mend the destination, and the sink goes on by itself; or pass the event over, which the journal \
                 keeps: {}",
                self.printed().seek(position + 1)
            ))
        }
    }

    /// The topic of the record at `position`, unless that is a dead letter.
    fn topic_at(&mut self, position: u64) -> Option<String> {
        if self.rejected.get(position).is_some() {
            return None;
        }
        match &self.event_at(position)?.content {
            Content::Event(event) => {
                let stream = self.routes.streams().get(self.routes.stream(event.record)?)?;
                Some(stream.topic.to_string())
            }
            Content::DeadLetter { .. } => None,
        }
    }

    /// The destination has accepted everything that was written.
    pub(super) fn accepted(&mut self, attempt: &Attempt) {
        if self.refusals.is_empty() {
            return;
        }
        for stream in &attempt.streams {
            let Some(stream) = self.routes.streams().get(*stream) else { continue };
            if let Err(error) = self.refusals.accepted(&stream.topic) {
                let (sink, path) = (self.health.sink(), self.refusals.place());
                tracing::warn!(sink, %path, %error, "the count of refusals can't be set back");
            }
        }
    }

    fn event_at(&mut self, position: u64) -> Option<Arc<DecodedEvent>> {
        self.source.after(position.saturating_sub(1), 1).ok()?.into_iter().next()
    }
}

fn list(positions: &[u64]) -> String {
    let (first, last) = (positions.first(), positions.last());
    match (first, last) {
        (Some(first), Some(last)) if first != last => format!("positions {first} to {last}"),
        (Some(first), _) => format!("position {first}"),
        _ => "no position".to_owned(),
    }
}
