//! What an operator orders a sink to do: try again, or go on elsewhere.

use std::io;

use kalends_journal::Chain;
use kalends_sink::{Checkpoint, Failure, JournalId};

use super::{LOOK, Session, SinkLoop};
use crate::{Wait, course::unreadable, order::Command};

impl SinkLoop {
    /// Looks for an order from time to time.
    pub(super) fn is_ordered_now(&mut self) -> bool {
        let now = self.clock.steady();
        if now.saturating_duration_since(self.looked) < LOOK {
            return false;
        }
        self.looked = now;
        self.has_order()
    }

    /// Ends a session as a stop would.
    pub(super) fn settle(&mut self, session: &mut Session) -> Result<Wait, Failure> {
        self.commit(session)?;
        self.note(&session.at)?;
        Ok(Wait::No)
    }

    /// Whether an order waits that can be carried out now.
    ///
    /// Not one to go back behind what this run has passed: which of those positions are duplicates is forgotten until the
    /// scanner reads them again, at the next start.
    pub(super) fn has_order(&mut self) -> bool {
        let order = self.orders.as_ref().and_then(|orders| orders.waiting().ok().flatten());
        if order.is_none() || order == self.deferred {
            return false;
        }
        let passed = self.progress.of(self.index).filter(|delivered| delivered.confirmed);
        let (Some(Command::Seek(to)), Some(passed)) = (order, passed) else { return true };
        if to.position >= passed.position {
            return true;
        }
        tracing::warn!(
            sink = %self.witness.sink(), position = to.position,
            "ordered to go back: that is done at the next start, when it is known again which events are duplicates"
        );
        self.deferred = order;
        false
    }

    /// The order that is to be carried out with this connect.
    pub(super) fn order(&mut self) -> Result<Option<Command>, Failure> {
        let Some(orders) = self.orders.clone() else { return Ok(None) };
        let path = orders.path().display().to_string();
        let unusable = |error: io::Error| {
            Failure::hold(format!(
                "the order in {path} can't be followed: {error}; remove it, and give it again"
            ))
        };
        let waiting = orders.waiting().map_err(unusable)?;
        let Some(order) = waiting.filter(|order| Some(*order) != self.deferred) else { return Ok(None) };
        self.sink.resume();
        if order == Command::Resume {
            // Now or never: done later, it would take over from somebody whom the operator did not think of.
            orders.carried_out(order, None, self.clock.now()).map_err(unusable)?;
        }
        Ok(Some(order))
    }

    /// Goes on where an operator wants it. Dying anywhere in here means that all of it is done again, to the same end.
    pub(super) fn seek(&mut self, to: Checkpoint, before: Option<Checkpoint>) -> Result<Session, Failure> {
        let found = self.log.chain_at(to.position).map_err(|error| unreadable(&error))?;
        let is_of_this_journal = to.journal == JournalId::new(self.log.id());
        if !is_of_this_journal
            || !matches!(found, Chain::Known(chain) if chain == to.chain) && found != Chain::Lost
        {
            return Err(Failure::hold(format!(
                "the order to go on behind position {} does not fit this journal any more: give another \
                 (`kalends sinks seek {} --to WHERE`)",
                to.position,
                self.witness.sink()
            )));
        }
        self.sink.commit(to)?;
        let session = self.session_at(to)?;
        tracing::warn!(
            sink = %self.witness.sink(),
            before = before.map(|before| before.position),
            position = to.position,
            "goes on where an operator wants it"
        );
        let done = self
            .orders
            .as_ref()
            .map_or(Ok(()), |orders| orders.carried_out(Command::Seek(to), before, self.clock.now()));
        done.map_err(|error| Failure::retry(format!("can't record an operator's order: {error}")))?;
        Ok(session)
    }
}
