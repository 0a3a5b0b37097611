use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{note::Note, pace::Tally};

/// The record type of dead letters.
const DEAD_LETTER: &str = "DeadLetter";

/// What a replay has done.
pub(super) struct Report {
    id: String,
    sink: String,
    tally: Tally,
    types: Vec<String>,
    /// Whether it was a replay of dead letters.
    of_dead_letters: bool,
}

impl Report {
    /// The report of a replay whose records are of `types`.
    pub(super) fn new(note: &Note, tally: Tally, types: impl Iterator<Item = String>) -> Self {
        Self {
            id: note.id.clone(),
            sink: note.sink.clone(),
            tally,
            types: types.collect(),
            of_dead_letters: note.dead_letters,
        }
    }

    /// For people: a line a type, and the sum.
    pub(super) fn text(&self, dry: bool) -> String {
        let (counts, mut text) = (self.tally.counts(), String::new());
        for (name, count) in self.types.iter().filter_map(|name| counts.get_key_value(name)) {
            writeln!(text, "{count:>9} {name}").ok();
        }
        let what = if dry { "would be replayed (dry run)" } else { "replayed by this run" };
        write!(text, "{:>9} {what}: sink {}, replay {}", self.tally.total(), self.sink, self.id).ok();
        if self.of_dead_letters {
            text += &self.what_became_of_letters();
        }
        text
    }

    /// Records that are dead letters, of a replay of dead letters: still.
    fn still_dead_letters(&self) -> u64 {
        self.tally.counts().get(DEAD_LETTER).copied().unwrap_or_default()
    }

    fn what_became_of_letters(&self) -> String {
        let still = self.still_dead_letters();
        let events = self.tally.total().saturating_sub(still);
        let mut text =
            format!("\n{events:>9} of them are events now, {still} of them are dead letters still");
        if still > 0 {
            text += ": a further replay changes nothing for those until a newer version, a schema or the destination does; \
                     `kalends dead-letters list` names them";
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self, dry: bool, complete: bool) -> Value {
        json!({
            "sink": self.sink, "replay": self.id, "dry_run": dry, "complete": complete,
            "records": self.tally.total(), "types": self.tally.counts(),
            "still_dead_letters": self.of_dead_letters.then(|| self.still_dead_letters()),
        })
    }
}
