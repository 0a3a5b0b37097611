//! How events go to the destination: encoded, written and committed.

use std::{mem, sync::Arc};

use kalends_sink::{Checkpoint, Failure};

use super::{NOTE_EVERY, Session, SinkLoop, commit_batch::CommitBatch, source::Judged};
use crate::scan::decoder::DecodedEvent;

impl SinkLoop {
    pub(super) fn write(&mut self, session: &mut Session, judged: &Judged) -> Result<(), Failure> {
        let events = &judged.events;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
        if session.batch.is_empty() {
            let oldest = Some(first.received_at);
            self.progress.update(self.index, |delivered| delivered.oldest_undelivered = oldest);
        }
        let left_out = self.encode(events, &judged.duplicates)?;
        let records = self.encoder.records();
        let bytes = records.iter().map(|record| u64::try_from(record.datum.len()).unwrap_or(u64::MAX)).sum();
        let now = self.clock.steady();
        if records.is_empty() {
            session.batch.passed(now);
        } else {
            self.spans.writing(&records, self.routes.streams());
            session.attempt.add(&records);
            let written = self.sink.write(&records);
            session.attempt.has_failed = written.is_err();
            written?;
            session.dead_letters.extend(self.encoder.dead_letters());
            session.batch.wrote(records.len(), bytes, now);
        }
        session.dead_letters.extend(left_out);
        session.at = Checkpoint { position: last.position, chain: last.chain, ..session.at };
        session.time = Some(last.time);
        Ok(())
    }

    /// Encodes what the sink gets. Returns refused records, with their reasons, whose dead letters the sink's selection leaves
    /// out: the note of dead letters is the only place that names them.
    fn encode(
        &mut self,
        events: &[Arc<DecodedEvent>],
        duplicates: &[u64],
    ) -> Result<Vec<(u64, &'static str)>, Failure> {
        self.encoder.clear();
        let mut left_out = Vec::new();
        let takes_dead_letters = self.routes.stream(self.plan.dead_letter()).is_some();
        for event in events {
            let is_taken = self
                .replay_filter
                .as_ref()
                .is_none_or(|replay_filter| replay_filter.takes(event, &self.plan));
            if !is_taken || duplicates.binary_search(&event.position).is_ok() {
                continue;
            }
            match self.rejected.get(event.position) {
                None => self.encoder.add(&self.routes, event),
                Some(rejection) if !takes_dead_letters => left_out.push((event.position, rejection.reason)),
                Some(rejection) => {
                    let body = self.source.body_at(event.position)?;
                    self.encoder.add_rejected(&self.routes, event, rejection, &body);
                }
            }
        }
        Ok(left_out)
    }

    pub(super) fn commit(&mut self, session: &mut Session) -> Result<(), Failure> {
        if session.batch.is_empty() {
            return Ok(());
        }
        // Noted first: what dies between is noted and not committed, and that does no harm.
        self.dead_letters.note(&session.dead_letters).map_err(|error| self.cant_note(&error))?;
        session.dead_letters.clear();
        let begun = self.clock.steady();
        let committed = self.sink.commit(session.at);
        session.attempt.has_failed = committed.is_err();
        committed?;
        let now = self.clock.steady();
        self.metrics.committed(session.batch.records(), now.saturating_duration_since(begun));
        self.spans.committed();
        session.batch = CommitBatch::default();
        self.halving.committed(session.at.position);
        self.stall.committed(self.halving.limit().is_some());
        self.accepted(&mem::take(&mut session.attempt));
        self.rejected.forget_through(session.at.position);
        self.dead_letters.forget_through(session.at.position);
        self.backoff.reset();
        self.unproven = false;
        self.health.running();
        let (position, time) = (session.at.position, session.time);
        self.progress.update(self.index, |delivered| {
            delivered.position = position;
            delivered.time = time;
            delivered.oldest_undelivered = None;
            delivered.stuck_at = None;
        });
        if now.saturating_duration_since(session.noted) >= NOTE_EVERY {
            session.noted = now;
            self.note(&session.at)?;
        }
        Ok(())
    }
}
