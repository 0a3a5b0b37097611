use std::collections::{BTreeMap, VecDeque};

use kalends_normalise::Plan;

use crate::{
    scan::decoder::{Content, DecodedEvent},
    status::{IntakeStatus, LastDeadLetter},
};

/// The length of a minute, in microseconds.
const MINUTE: i64 = 60_000_000;
/// Minutes that are looked back on, and the oldest of them as seen from the newest.
const MINUTES: usize = 60;
const OLDEST: i64 = 59;
/// How far is looked back, in microseconds.
pub(crate) const HISTORY: i64 = (OLDEST + 1) * MINUTE;
/// Dead letters that are remembered.
const MAX_DEAD_LETTERS: usize = 10;

/// What has come in of late, by the minute, and the last dead letters. Its size is bounded.
#[derive(Debug, Default)]
pub(crate) struct IntakeStats {
    /// By the number of whole minutes between the Unix epoch and their begin.
    minutes: BTreeMap<i64, Minute>,
    dead_letters: VecDeque<LastDeadLetter>,
}

#[derive(Debug, Default)]
struct Minute {
    /// By the index of the record type.
    events: Vec<u64>,
    repeated: u64,
    dead_letters: u64,
}

impl IntakeStats {
    /// Counts a receipt in the minute in which it was received.
    pub(crate) fn count(&mut self, receipt: &DecodedEvent, repeated: bool) {
        let minute = self.minutes.entry(receipt.received_at.div_euclid(MINUTE)).or_default();
        minute.repeated += u64::from(repeated);
        match &receipt.content {
            Content::Event(event) => {
                let length = minute.events.len().max(event.record + 1);
                minute.events.resize(length, 0);
                minute.events.get_mut(event.record).into_iter().for_each(|count| *count += 1);
            }
            Content::DeadLetter { letter, .. } => {
                minute.dead_letters += 1;
                self.remember(receipt, None, letter.reason.as_str(), &letter.message);
            }
        }
        if self.minutes.len() > MINUTES {
            self.minutes.pop_first();
        }
    }

    /// Remembers that a receipt became a dead letter, in place of what was known of it and this sink.
    pub(crate) fn remember(
        &mut self,
        receipt: &DecodedEvent,
        sink: Option<&str>,
        reason: &'static str,
        message: &str,
    ) {
        let position = receipt.position;
        self.dead_letters.retain(|known| (known.position, known.sink.as_deref()) != (position, sink));
        self.dead_letters.truncate(MAX_DEAD_LETTERS - 1);
        self.dead_letters.push_front(LastDeadLetter {
            position,
            received_at: receipt.received_at,
            endpoint: receipt.endpoint.to_string(),
            sink: sink.map(str::to_owned),
            reason,
            message: message.to_owned(),
        });
    }

    /// The last dead letters, the newest first.
    pub(crate) fn last_dead_letters(&self) -> Vec<LastDeadLetter> {
        self.dead_letters.iter().cloned().collect()
    }

    /// The minutes that end with the one of `now`.
    pub(crate) fn until(&mut self, now: i64, plan: &Plan) -> IntakeStatus {
        let newest = now.div_euclid(MINUTE);
        let shown = newest.saturating_sub(OLDEST)..=newest;
        // Those that a clock which was ahead has left behind would keep their places for long.
        self.minutes.retain(|number, _| shown.contains(number));
        let series = |count: &dyn Fn(&Minute) -> u64| -> Vec<u64> {
            shown.clone().map(|number| self.minutes.get(&number).map_or(0, count)).collect()
        };
        let of = |index: usize| series(&|minute| minute.events.get(index).copied().unwrap_or(0));
        let all = plan.records().iter().enumerate().map(|(index, record)| (record.name.clone(), of(index)));
        IntakeStatus {
            newest_minute: newest.saturating_mul(MINUTE),
            events: all.filter(|(_, counts)| counts.iter().any(|count| *count > 0)).collect(),
            repeated: series(&|minute| minute.repeated),
            dead_letters: series(&|minute| minute.dead_letters),
        }
    }
}
