//! Records that a destination fails on without refusing them, and those that an operator has skipped.

use std::collections::BTreeMap;

use kalends_journal::Chain;
use kalends_sink::{Checkpoint, Failure};

use super::{Attempt, SinkLoop, refusals::REJECTED};
use crate::{
    checkpoint::seek::unreadable, encode::rejected::Rejection, journal_ids::is_of,
    operator::command::Command, scan::decoder::Content,
};

/// The message of a dead letter that stands for a skipped record.
const SKIPPED: &str = "the destination could not take the record, and an operator has skipped it";

impl SinkLoop {
    /// The destination has failed on what was written since the last commit, in a way that may pass by itself. Once that has
    /// gone on for long, less is written between two commits, until the record that it fails on is alone.
    pub(super) fn stalled(&mut self, attempt: &Attempt, message: String) -> Failure {
        if !self.stall.failed(self.clock.steady()) || attempt.records == 0 {
            return Failure::Retry { message };
        }
        if attempt.records > 1 {
            self.halving.narrow(attempt.records, attempt.last);
            self.backoff.reset();
            return Failure::Retry { message };
        }
        let position = attempt.last;
        self.progress.update(self.index, |delivered| delivered.stuck_at = Some(position));
        Failure::hold(format!(
            "the destination can be connected to, and has failed for 15 minutes or longer, also on the record at position {position} \
             alone: {message}; once that is mended the sink goes on by itself; if the record is the cause, make a dead letter of \
             it: {}",
            self.printed().skip(position)
        ))
    }

    /// Puts an operator's decision to skip a record on record.
    pub(super) fn skip(&mut self, at: Checkpoint) -> Result<(), Failure> {
        if !self.fits(&at)? {
            return Err(Failure::hold(format!(
                "the order to skip position {} does not fit this journal any more: take it back: {}",
                at.position,
                self.printed().cancel_skip()
            )));
        }
        self.carried_out(Command::Skip(at), None).map_err(|error| self.unusable(&error))
    }

    /// Makes dead letters of the records behind `position` that an operator has skipped, also in an earlier run. One that was
    /// skipped again is a smaller dead letter.
    pub(super) fn reject_skipped(&mut self, position: u64) -> Result<(), Failure> {
        let Some(commands) = &self.commands else { return Ok(()) };
        let skips = commands.skips().map_err(|error| self.unusable(&error))?;
        let mut times = BTreeMap::<u64, u32>::new();
        for skip in skips.iter().filter(|skip| skip.position > position) {
            if self.fits(skip)? {
                *times.entry(skip.position).or_default() += 1;
            }
        }
        for (position, times) in times {
            let event = self.source.at(position)?;
            let is_dead_letter = match &event.content {
                // The sink does not take the type, and gets no dead letter for it either.
                Content::Event(content) if self.routes.stream(content.record).is_none() => continue,
                Content::Event(_) => false,
                Content::DeadLetter { .. } => true,
            };
            let rejection = Rejection::skipped(REJECTED, SKIPPED, times + u32::from(is_dead_letter));
            if self.rejected.skip(position, rejection) {
                self.metrics.refused();
                self.scan_state.remember(&event, self.health.sink(), REJECTED, SKIPPED);
                tracing::warn!(
                    sink = self.health.sink(),
                    position,
                    "skips a record: it becomes a dead letter"
                );
            }
        }
        Ok(())
    }

    /// Tells whether a checkpoint in an order names what this journal has at its position.
    pub(super) fn fits(&self, at: &Checkpoint) -> Result<bool, Failure> {
        let found = self.log.chain_at(at.position).map_err(|error| unreadable(&error))?;
        let is_same = matches!(found, Chain::Known(chain) if chain == at.chain) || found == Chain::Lost;
        Ok(is_of(&*self.log, at) && is_same)
    }
}
