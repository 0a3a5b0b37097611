use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The positions of one sink's dead letters, in a file beside its note, a line each.
///
/// What a newer normaliser, other schemas or another limit make of them, the journal alone would not tell any more that they were
/// dead letters once; a replay of those asks here.
#[derive(Debug)]
pub(crate) struct Letters {
    path: Option<PathBuf>,
    /// Noted, and perhaps not committed yet: they are not noted twice, however often a commit fails.
    noted: BTreeSet<u64>,
}

/// The positions of a sink's dead letters that are noted in `directory`.
///
/// # Errors
/// The file can't be read; one that is not there is none.
pub fn letters(directory: &Path, sink: &str) -> io::Result<BTreeSet<u64>> {
    read(&path(directory, sink)).map(|(positions, _)| positions)
}

impl Letters {
    /// Without a directory nothing is noted.
    pub(crate) fn new(directory: Option<&Path>, sink: &str) -> Self {
        Self { path: directory.map(|directory| path(directory, sink)), noted: BTreeSet::new() }
    }

    /// Notes positions; durable when this returns.
    pub(crate) fn note(&mut self, positions: &[u64]) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let new: Vec<_> =
            positions.iter().copied().filter(|position| !self.noted.contains(position)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(lines(new.iter()).as_bytes())?;
        file.sync_all()?;
        self.noted.extend(new);
        Ok(())
    }

    /// The sink has committed through `position`.
    pub(crate) fn forget_through(&mut self, position: u64) {
        self.noted = self.noted.split_off(&position.saturating_add(1));
    }

    /// Forgets those before `first_kept`, which nothing can be replayed from, and mends a line that a crash has torn.
    pub(crate) fn tidy(&mut self, first_kept: u64) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let (mut positions, sound) = read(path)?;
        let count = positions.len();
        positions = positions.split_off(&first_kept);
        if sound && positions.len() == count {
            return Ok(());
        }
        let temporary = path.with_extension("dead-letters.tmp");
        let mut file = File::create(&temporary)?;
        file.write_all(lines(positions.iter()).as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn path(directory: &Path, sink: &str) -> PathBuf {
    directory.join(format!("{sink}.dead-letters"))
}

fn lines<'a>(positions: impl Iterator<Item = &'a u64>) -> String {
    positions.fold(String::new(), |mut text, position| {
        writeln!(text, "{position}").ok();
        text
    })
}

/// The positions, and whether every line is one.
fn read(path: &Path) -> io::Result<(BTreeSet<u64>, bool)> {
    let text = match fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let whole = text.rfind('\n').map_or("", |end| text.get(..=end).unwrap_or_default());
    let positions: BTreeSet<u64> = whole.lines().filter_map(|line| line.parse().ok()).collect();
    Ok((positions, whole.len() == text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_until_the_journal_forgets_it() {
        let directory = tempfile::tempdir().unwrap();
        let mut noted = Letters::new(Some(directory.path()), "kafka");
        assert!(letters(directory.path(), "kafka").unwrap().is_empty());
        noted.note(&[3, 7]).unwrap();
        noted.note(&[5, 7]).unwrap();
        let file = directory.path().join("kafka.dead-letters");
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "3\n7\n5\n",
            "nothing twice, though not committed yet"
        );
        noted.forget_through(7);
        noted.tidy(5).unwrap();
        assert_eq!(letters(directory.path(), "kafka").unwrap(), BTreeSet::from([5, 7]));
    }

    #[test]
    fn a_torn_line_becomes_no_other_position() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("kafka.dead-letters"), "3\n12").unwrap();
        let mut noted = Letters::new(Some(directory.path()), "kafka");
        noted.tidy(0).unwrap();
        noted.note(&[45]).unwrap();
        assert_eq!(letters(directory.path(), "kafka").unwrap(), BTreeSet::from([3, 45]));
    }
}
