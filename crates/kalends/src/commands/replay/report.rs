use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{note::Note, pace::Tally};

/// What a replay has done.
pub(super) struct Report {
    id: String,
    sink: String,
    tally: Tally,
    types: Vec<String>,
}

impl Report {
    /// The report of a replay whose records are of `types`.
    pub(super) fn new(note: &Note, tally: Tally, types: impl Iterator<Item = String>) -> Self {
        Self { id: note.id.clone(), sink: note.sink.clone(), tally, types: types.collect() }
    }

    /// For people: a line a type, and the sum.
    pub(super) fn text(&self, dry: bool) -> String {
        let (counts, mut text) = (self.tally.counts(), String::new());
        for (name, count) in self.types.iter().filter_map(|name| counts.get_key_value(name)) {
            writeln!(text, "{count:>9} {name}").ok();
        }
        let what = if dry { "would be replayed (dry run)" } else { "replayed by this run" };
        write!(text, "{:>9} {what}: sink {}, replay {}", self.tally.total(), self.sink, self.id).ok();
        text
    }

    /// For programs.
    pub(super) fn json(&self, dry: bool, complete: bool) -> Value {
        json!({
            "sink": self.sink, "replay": self.id, "dry_run": dry, "complete": complete,
            "records": self.tally.total(), "types": self.tally.counts(),
        })
    }
}
