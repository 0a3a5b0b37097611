use std::collections::{BTreeMap, HashMap};

use kalends_tests::Record;

use crate::{
    destination::Kept,
    event::Event,
    reference_journal::{ReferenceJournal, Violation},
    seeks::Seeks,
    sender::Sender,
};

/// Whether a sink must have what stands at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Must,
    MustNot,
    /// What would make it a duplicate was removed for want of room: whether a sink had it by then decides.
    May,
}

/// What was stored, and what therefore had to arrive.
pub(crate) struct Oracle<'a> {
    reference: &'a ReferenceJournal,
    events: &'a [Event],
    due: Vec<Due>,
}

impl<'a> Oracle<'a> {
    /// `window` is in microseconds.
    pub(crate) fn new(reference: &'a ReferenceJournal, events: &'a [Event], window: i64) -> Self {
        let mut seen: HashMap<(u64, u64), (i64, u64)> = HashMap::new();
        let mut due = Vec::new();
        for (position, frame) in (1_u64..).zip(&reference.frames) {
            let fingerprint = events[frame.event].fingerprint;
            let before = fingerprint.and_then(|f| seen.insert(f, (frame.time, position)));
            due.push(match before {
                Some((time, at)) if frame.time - time <= window && at > reference.forgotten => Due::MustNot,
                Some((time, _)) if frame.time - time <= window => Due::May,
                _ => Due::Must,
            });
        }
        Self { reference, events, due }
    }

    pub(crate) fn duplicates(&self) -> usize {
        self.due.iter().filter(|due| **due == Due::MustNot).count()
    }

    fn event(&self, position: u64) -> Result<&Event, Violation> {
        let frame = usize::try_from(position - 1).ok().and_then(|index| self.reference.frames.get(index));
        frame
            .map(|frame| &self.events[frame.event])
            .ok_or_else(|| format!("nothing is at position {position}"))
    }

    /// Every webhook that was answered 200 is stored, once for each answer at least; what had no right is not.
    pub(crate) fn check_answers(&self, sender: &Sender) -> Result<(), Violation> {
        let mut stored = BTreeMap::<&[u8], usize>::new();
        for frame in &self.reference.frames {
            *stored.entry(&self.events[frame.event].body).or_default() += 1;
        }
        let mut promised = BTreeMap::<&[u8], usize>::new();
        for number in &sender.acknowledged {
            *promised.entry(&self.events[*number].body).or_default() += 1;
        }
        for (body, times) in promised {
            let found = stored.get(body).copied().unwrap_or_default();
            if found < times {
                let body = String::from_utf8_lossy(body);
                return Err(format!("answered 200 {times} times, stored {found} times: {body}"));
            }
        }
        let intruder = sender.refused.iter().find(|number| stored.contains_key(&*self.events[**number].body));
        intruder.map_or(Ok(()), |number| Err(format!("event {number} had no right to be stored")))
    }

    /// Promises 1 and 2 for the positions that a sink has, in the order it got them. `may_lack` are the positions that a sink
    /// which is not required may have lost.
    pub(crate) fn check_positions(
        &self,
        sink: &str,
        got: &[u64],
        may_lack: u64,
        seeks: &Seeks,
    ) -> Result<(), Violation> {
        let back = got.iter().zip(got.iter().skip(1)).filter(|(before, after)| before >= after);
        if let Some((before, after)) = back.into_iter().find(|(_, after)| seeks.times(**after) == 1) {
            return Err(format!("{sink}: position {after} came after {before}"));
        }
        let mut got = got.to_vec();
        got.sort_unstable();
        let often = got.chunk_by(|one, other| one == other).find(|same| same.len() > seeks.times(same[0]));
        if let Some(often) = often {
            return Err(format!("{sink}: position {} came {} times", often[0], often.len()));
        }
        for (position, due) in (1_u64..).zip(&self.due) {
            let has = got.binary_search(&position).is_ok();
            match due {
                Due::Must if !has && position > may_lack && !seeks.may_skip(position) => {
                    return Err(format!("{sink} has lost position {position}"));
                }
                Due::MustNot if has => return Err(format!("{sink} got position {position}, a duplicate")),
                _ => {}
            }
        }
        got.last().map_or(Ok(()), |last| self.event(*last).map(drop))
    }

    /// What a destination with a will of its own has is addressed as it should be; what it refused is a dead letter there.
    pub(crate) fn check_records(&self, sink: &str, kept: &[Kept]) -> Result<(), Violation> {
        for record in kept {
            let event = self.event(record.position)?;
            let topic = if event.refused_for.is_some() { "dead-letter" } else { event.topic };
            let reason =
                event.refused_for.or_else(|| (event.topic == "dead-letter").then_some("invalid-json"));
            let right = record.topic == format!("rokt.calendar.{topic}")
                && record.reason.as_deref() == reason
                && (reason.is_some() || Some(&record.key) == event.key.as_ref());
            if !right {
                return Err(format!("{sink}: {record:?} of event {}", event.number));
            }
        }
        Ok(())
    }

    /// The same for what was read back from files.
    pub(crate) fn check_files(&self, records: &[Record]) -> Result<(), Violation> {
        let mut got = Vec::new();
        for record in records {
            let position = record.number("journal_position").and_then(|p| u64::try_from(p).ok());
            let position = position.ok_or("a record in a file has no position")?;
            if record.topic != format!("rokt.calendar.{}", self.event(position)?.topic) {
                return Err(format!("files: position {position} is on {}", record.topic));
            }
            got.push(position);
        }
        // A file has one topic, so only the order within a topic is told.
        got.sort_unstable();
        self.check_positions("files", &got, 0, &Seeks::default())
    }
}
