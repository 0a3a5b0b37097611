use std::collections::HashMap;

use kalends_journal::{Chain, ReadError, ShardLog};
use kalends_receipt::Receipt;

use crate::event::Event;

/// A promise was broken, and how.
pub(crate) type Violation = String;

/// A frame as it was synced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// Journal time, in microseconds since the Unix epoch.
    pub(crate) time: i64,
    /// The event, by number; of several with the same bytes, the first.
    pub(crate) event: usize,
}

/// Everything that the journal ever said was synced, kept where no fault reaches it.
#[derive(Debug, Default)]
pub(crate) struct ReferenceJournal {
    /// The one at position 1 first.
    pub(crate) frames: Vec<Frame>,
    /// The chained checksum of the last one.
    chain: Option<u64>,
    by_body: HashMap<Vec<u8>, usize>,
    known: usize,
    /// What was removed for want of room, through this position, is forgotten by the duplicate window.
    pub(crate) forgotten: u64,
    evicted: u64,
    /// The most that journal time was ever behind a receive time, in microseconds.
    pub(crate) lag: i64,
}

impl ReferenceJournal {
    fn last(&self) -> u64 {
        u64::try_from(self.frames.len()).unwrap()
    }

    /// A new process must have the history that the one before it had.
    pub(crate) fn check_history(&mut self, log: &dyn ShardLog) -> Result<(), Violation> {
        self.evicted = 0;
        let (last, synced) = (self.last(), log.synced().position);
        if synced < last {
            return Err(format!("the journal had synced position {last}, and now ends at {synced}"));
        }
        let Some(chain) = self.chain else { return Ok(()) };
        match log.chain_at(last) {
            Ok(Chain::Known(known)) if known == chain => Ok(()),
            Ok(Chain::Gone) | Err(ReadError::Unavailable(_)) => Ok(()),
            other => Err(format!("another history at position {last}: {other:?}")),
        }
    }

    /// Writes down what is newly synced.
    pub(crate) fn observe(&mut self, log: &dyn ShardLog, events: &[Event]) -> Result<(), Violation> {
        let usage = log.usage();
        if usage.evicted > self.evicted {
            (self.evicted, self.forgotten) = (usage.evicted, usage.first - 1);
        }
        if usage.last <= self.last() {
            return Ok(());
        }
        for event in events.get(self.known..).unwrap_or_default() {
            self.by_body.entry(event.body.clone()).or_insert(event.number);
        }
        self.known = events.len();
        let mut reader = log.read_after(self.last());
        loop {
            let frame = match reader.next() {
                Ok(Some(frame)) => frame,
                // A fault that is meant to be: what can't be read now is read later.
                Ok(None) | Err(ReadError::Unavailable(_)) => break,
                Err(error) => return Err(format!("synced, and can't be read: {error}")),
            };
            let receipt = Receipt::decode(frame.payload).map_err(|error| error.to_string())?;
            let event = self.by_body.get(receipt.body);
            let event =
                *event.ok_or_else(|| format!("nobody sent what is at position {}", frame.position))?;
            if self.frames.last().is_some_and(|before| before.time > frame.time) {
                return Err(format!("journal time goes back at position {}", frame.position));
            }
            self.lag = self.lag.max(receipt.envelope.received_at - frame.time);
            self.frames.push(Frame { time: frame.time, event });
            self.chain = Some(frame.chain);
        }
        Ok(())
    }
}
