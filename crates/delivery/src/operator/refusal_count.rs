use std::{collections::BTreeMap, io};

use kalends_journal::{Note, SinkNotes};
use serde::{Deserialize, Serialize};

/// So many refusals in a row are a hold: the destination has changed, not the events.
const MAX_REFUSALS: usize = 10;

/// How often a sink's destination has refused records of a stream with a code, since it last accepted one of that stream.
/// Kept in a note, so that a restart is no way around the hold.
#[derive(Debug)]
pub(crate) struct RefusalCount {
    note: Option<Note>,
    /// By topic, then by code.
    counts: BTreeMap<String, BTreeMap<String, Refusals>>,
}

/// The refusals of one stream with one code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Refusals {
    /// The positions of the refused records, in the order of their refusals.
    positions: Vec<u64>,
    /// An operator has said that these records are bad indeed: none of them is a hold.
    dead_letter: bool,
}

/// What becomes of a refused record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The record becomes a dead letter.
    DeadLetter,
    /// The sink holds. These positions became dead letters before.
    Hold(Vec<u64>),
}

impl RefusalCount {
    /// Forgets everything with this process where there are no notes.
    pub(crate) fn new(notes: Option<&SinkNotes>) -> Self {
        Self { note: notes.map(|notes| notes.note("refusals.json")), counts: BTreeMap::new() }
    }

    /// Reads what an earlier process has counted.
    pub(crate) fn load(&mut self) -> io::Result<()> {
        if let Some(note) = &self.note {
            self.counts = note.read_json()?.unwrap_or_default();
        }
        Ok(())
    }

    /// Where the count stands.
    pub(crate) fn place(&self) -> String {
        self.note.as_ref().map(Note::place).unwrap_or_default()
    }

    /// Counts that the record at `position` was refused. Counted once, however often it is refused. Durable when this returns.
    pub(crate) fn refused(&mut self, topic: &str, code: &str, position: u64) -> io::Result<Outcome> {
        let refusals = self.counts.entry(topic.to_owned()).or_default().entry(code.to_owned()).or_default();
        if !refusals.positions.contains(&position) && !refusals.dead_letter {
            refusals.positions.push(position);
        }
        let outcome = if refusals.dead_letter || refusals.positions.len() < MAX_REFUSALS {
            Outcome::DeadLetter
        } else {
            let others = refusals.positions.iter().copied().filter(|other| *other != position);
            Outcome::Hold(others.collect())
        };
        self.store()?;
        Ok(outcome)
    }

    /// The destination has accepted records on this topic: the count of the topic begins anew.
    pub(crate) fn accepted(&mut self, topic: &str) -> io::Result<()> {
        if self.counts.remove(topic).is_some() { self.store() } else { Ok(()) }
    }

    /// Whether nothing was refused.
    pub(crate) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// An operator says that the records of every hold are bad indeed.
    pub(crate) fn dead_letter(&mut self) -> io::Result<()> {
        for refusals in self.counts.values_mut().flat_map(BTreeMap::values_mut) {
            refusals.dead_letter |= refusals.positions.len() >= MAX_REFUSALS;
        }
        self.store()
    }

    fn store(&self) -> io::Result<()> {
        match &self.note {
            Some(note) if self.counts.is_empty() => note.remove(),
            Some(note) => note.replace_json(&self.counts),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::notes;

    #[test]
    fn the_tenth_refusal_of_a_stream_is_a_hold_also_over_restarts() {
        let directory = tempfile::tempdir().unwrap();
        let again = || {
            let mut count = RefusalCount::new(Some(&notes(directory.path(), "s")));
            count.load().unwrap();
            count
        };
        for position in 1..=9 {
            assert_eq!(again().refused("a", "22001", position).unwrap(), Outcome::DeadLetter);
            assert_eq!(again().refused("a", "22001", position).unwrap(), Outcome::DeadLetter, "counted once");
            assert_eq!(again().refused("b", "22001", position * 100).unwrap(), Outcome::DeadLetter);
        }
        assert_eq!(again().refused("a", "23514", 50).unwrap(), Outcome::DeadLetter, "another code");
        assert_eq!(again().refused("a", "22001", 10).unwrap(), Outcome::Hold((1..=9).collect()));
        again().dead_letter().unwrap();
        assert_eq!(again().refused("a", "22001", 10).unwrap(), Outcome::DeadLetter);
        assert_eq!(again().refused("a", "22001", 11).unwrap(), Outcome::DeadLetter);
        again().accepted("a").unwrap();
        assert_eq!(again().refused("a", "22001", 12).unwrap(), Outcome::DeadLetter);
        assert!(
            matches!(again().refused("b", "22001", 1000).unwrap(), Outcome::Hold(_)),
            "that of b went on"
        );
    }
}
