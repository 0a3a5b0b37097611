use std::{collections::VecDeque, sync::Arc};

use crate::scan::decoder::DecodedEvent;

/// Bounds of what is kept for sinks at the head. A sink further behind reads the journal.
const MAX_EVENTS: usize = 4096;
const MAX_BYTES: usize = 4 << 20;

/// The newest scanned events; none between two of them is left out.
#[derive(Debug, Default)]
pub(crate) struct TailCache {
    events: VecDeque<Arc<DecodedEvent>>,
    bytes: usize,
}

impl TailCache {
    /// Adds the event behind the newest, and drops the oldest beyond the bounds.
    pub(crate) fn push(&mut self, event: Arc<DecodedEvent>) {
        self.bytes += event.weight;
        self.events.push_back(event);
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.weight;
        }
    }

    /// The next event is not kept here, and so neither are those before it.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.bytes = 0;
    }

    /// The events behind `position`, at most `events` of them and (but for the first) at most `bytes`;
    /// `None` when the next one is no longer kept here.
    pub(crate) fn after(&self, position: u64, events: usize, bytes: usize) -> Option<Vec<Arc<DecodedEvent>>> {
        let first = self.events.front()?.position;
        if position + 1 < first {
            return None;
        }
        // Positions may jump: over frames that a repair of the journal has put on record as missing.
        let skip = self.events.partition_point(|event| event.position <= position);
        let mut room = bytes;
        let within = |event: &&Arc<DecodedEvent>| {
            let fits = room == bytes || event.weight <= room;
            room = room.saturating_sub(event.weight.max(1));
            fits
        };
        Some(self.events.iter().skip(skip).take(events).take_while(within).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use kalends_normalise::{DeadLetter, Reason};

    use super::*;
    use crate::scan::decoder::Content;

    fn event(position: u64) -> Arc<DecodedEvent> {
        let letter = DeadLetter {
            reason: Reason::InvalidJson,
            message: String::new(),
            event_id: None,
            event_type: None,
        };
        Arc::new(DecodedEvent {
            position,
            chain: 0,
            time: 0,
            received_at: 0,
            endpoint: Arc::default(),
            traceparent: None,
            tracestate: None,
            weight: 1,
            content: Content::DeadLetter { letter, body: Vec::new() },
        })
    }

    #[test]
    fn no_event_is_left_out_where_positions_jump() {
        let mut tail = TailCache::default();
        for position in [3, 4, 9, 10] {
            tail.push(event(position));
        }
        let after = |position| {
            let events = tail.after(position, 10, 10)?;
            Some(events.iter().map(|event| event.position).collect::<Vec<_>>())
        };
        assert_eq!(after(1), None, "position 2 is no longer here");
        assert_eq!(after(2).unwrap(), [3, 4, 9, 10]);
        assert_eq!(after(3).unwrap(), [4, 9, 10]);
        assert_eq!(after(4).unwrap(), [9, 10]);
        assert_eq!(after(6).unwrap(), [9, 10]);
        assert_eq!(after(9).unwrap(), [10]);
        assert_eq!(after(10).unwrap(), [0_u64; 0]);
    }

    #[test]
    fn what_stands_before_an_event_that_is_not_kept_is_forgotten() {
        let mut tail = TailCache::default();
        tail.push(event(1));
        tail.clear();
        assert!(tail.after(0, 10, 10).is_none());
        tail.push(event(3));
        assert!(tail.after(0, 10, 10).is_none());
        assert_eq!(tail.after(2, 10, 10).unwrap().len(), 1);
    }
}
