use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io,
};

use kalends_journal::{Note, SinkNotes};

/// Name of the note.
const NOTE: &str = "dead-letters";

/// The positions of one sink's dead letters, and why they are, in a note of its own: a line each, `POSITION REASON`.
///
/// What a newer normaliser, other schemas or another limit make of them, the journal alone would not tell any more that they were
/// dead letters once; a replay of those asks here.
#[derive(Debug)]
pub(crate) struct DeadLetterIndex {
    note: Option<Note>,
    /// Noted, and perhaps not committed yet: they are not noted twice, however often a commit fails.
    noted: BTreeSet<u64>,
}

/// The positions of a sink's dead letters, each with its reason, where that was noted.
///
/// # Errors
/// The note can't be read; one that is not there is none.
pub fn noted_dead_letters(notes: &SinkNotes) -> io::Result<Noted> {
    read(&notes.note(NOTE)).map(|(letters, _)| letters)
}

/// Dead letters' positions with their reasons.
pub type Noted = BTreeMap<u64, Option<String>>;

impl DeadLetterIndex {
    /// Notes nothing where there are no notes.
    pub(crate) fn new(notes: Option<&SinkNotes>) -> Self {
        Self { note: notes.map(|notes| notes.note(NOTE)), noted: BTreeSet::new() }
    }

    /// Notes positions; durable when this returns.
    pub(crate) fn note(&mut self, letters: &[(u64, &str)]) -> io::Result<()> {
        let Some(note) = &self.note else { return Ok(()) };
        let new = letters.iter().filter(|(position, _)| !self.noted.contains(position));
        let new: Vec<_> = new.map(|(position, reason)| (*position, Some(*reason))).collect();
        if new.is_empty() {
            return Ok(());
        }
        note.append(lines(new.iter().copied()).as_bytes())?;
        self.noted.extend(new.iter().map(|(position, _)| position));
        Ok(())
    }

    /// The sink has committed through `position`.
    pub(crate) fn forget_through(&mut self, position: u64) {
        self.noted = self.noted.split_off(&position.saturating_add(1));
    }

    /// Forgets those before `first_kept`, which nothing can be replayed from, and mends a line that a crash has torn.
    pub(crate) fn tidy(&mut self, first_kept: u64) -> io::Result<()> {
        let Some(note) = &self.note else { return Ok(()) };
        let (mut letters, sound) = read(note)?;
        let count = letters.len();
        letters = letters.split_off(&first_kept);
        if sound && letters.len() == count {
            return Ok(());
        }
        let kept = letters.iter().map(|(position, reason)| (*position, reason.as_deref()));
        note.replace(lines(kept).as_bytes())
    }
}

fn lines<'a>(letters: impl Iterator<Item = (u64, Option<&'a str>)>) -> String {
    letters.fold(String::new(), |mut text, (position, reason)| {
        match reason {
            Some(reason) => writeln!(text, "{position} {reason}").ok(),
            None => writeln!(text, "{position}").ok(),
        };
        text
    })
}

/// The dead letters, and whether every line is one.
fn read(note: &Note) -> io::Result<(Noted, bool)> {
    let bytes = note.read()?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let whole = text.rfind('\n').map_or("", |end| text.get(..=end).unwrap_or_default());
    let letters = whole.lines().filter_map(letter).collect();
    Ok((letters, whole.len() == text.len()))
}

fn letter(line: &str) -> Option<(u64, Option<String>)> {
    let (position, reason) =
        line.split_once(' ').map_or((line, None), |(position, reason)| (position, Some(reason)));
    Some((position.parse().ok()?, reason.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tests::notes;

    #[test]
    fn what_was_noted_is_read_until_the_journal_forgets_it() {
        let directory = tempfile::tempdir().unwrap();
        let mut noted = DeadLetterIndex::new(Some(&notes(directory.path(), "kafka")));
        assert!(noted_dead_letters(&notes(directory.path(), "kafka")).unwrap().is_empty());
        noted.note(&[(3, "too-large"), (7, "invalid-json")]).unwrap();
        noted.note(&[(5, "too-deep"), (7, "invalid-json")]).unwrap();
        let file = directory.path().join("kafka.dead-letters");
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "3 too-large\n7 invalid-json\n5 too-deep\n",
            "nothing twice, though not committed yet"
        );
        noted.forget_through(7);
        noted.tidy(5).unwrap();
        let reason = |reason: &str| Some(reason.to_owned());
        let kept = BTreeMap::from([(5, reason("too-deep")), (7, reason("invalid-json"))]);
        assert_eq!(noted_dead_letters(&notes(directory.path(), "kafka")).unwrap(), kept);
    }

    #[test]
    fn a_torn_line_becomes_no_other_position() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("kafka.dead-letters"), "3\n12").unwrap();
        let mut noted = DeadLetterIndex::new(Some(&notes(directory.path(), "kafka")));
        noted.tidy(0).unwrap();
        noted.note(&[(45, "too-large")]).unwrap();
        let kept = BTreeMap::from([(3, None), (45, Some("too-large".to_owned()))]);
        assert_eq!(noted_dead_letters(&notes(directory.path(), "kafka")).unwrap(), kept);
    }
}
