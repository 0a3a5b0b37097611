use std::{collections::VecDeque, sync::Arc};

use crate::scan::Scanned;

/// Bounds of what is kept for sinks at the head. A sink further behind reads the journal.
const MOST_EVENTS: usize = 4096;
const MOST_BYTES: usize = 4 << 20;

/// The newest scanned events; none between two of them is left out.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    events: VecDeque<Arc<Scanned>>,
    bytes: usize,
}

impl Recent {
    /// Adds the event behind the newest, and drops the oldest beyond the bounds.
    pub(crate) fn push(&mut self, event: Arc<Scanned>) {
        self.bytes += event.weight;
        self.events.push_back(event);
        while self.events.len() > MOST_EVENTS || self.bytes > MOST_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.weight;
        }
    }

    /// The events behind `position`, at most `events` of them and (but for the first) at most `bytes`;
    /// `None` when the next one is no longer kept here.
    pub(crate) fn after(&self, position: u64, events: usize, bytes: usize) -> Option<Vec<Arc<Scanned>>> {
        let first = self.events.front()?.position;
        if position + 1 < first {
            return None;
        }
        // Positions may jump: over frames that a repair of the journal has put on record as missing.
        let skip = self.events.partition_point(|event| event.position <= position);
        let mut room = bytes;
        let within = |event: &&Arc<Scanned>| {
            let fits = room == bytes || event.weight <= room;
            room = room.saturating_sub(event.weight.max(1));
            fits
        };
        Some(self.events.iter().skip(skip).take(events).take_while(within).cloned().collect())
    }
}
