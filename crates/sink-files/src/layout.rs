use std::path::{Path, PathBuf};

use kalends_sink::JournalId;

use crate::{day::Day, error::Error};

const PART_ENDING: &str = ".part";
const MAX_NAME_BYTES: usize = 255;

/// Every path of a destination is made here.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The sink's own folder. The dot keeps loaders away.
    pub(crate) fn hidden(&self) -> PathBuf {
        self.root.join(".kalends")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.hidden().join("lock")
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.hidden().join("manifest.json")
    }

    pub(crate) fn next_manifest(&self) -> PathBuf {
        self.hidden().join("manifest.json.new")
    }

    pub(crate) fn part(&self, name: &str) -> PathBuf {
        self.hidden().join(name)
    }

    pub(crate) fn topic(&self, topic: &str) -> PathBuf {
        self.root.join(topic)
    }

    pub(crate) fn published(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }
}

/// The name of a part; `session` is random, so that no name is ever used twice.
pub(crate) fn part_name(session: u64, number: u64) -> String {
    format!("{session:016x}-{number}{PART_ENDING}")
}

pub(crate) fn is_part(name: &Path) -> bool {
    name.as_os_str().as_encoded_bytes().ends_with(PART_ENDING.as_bytes())
}

/// The path, below the destination's directory, under which records are published.
pub(crate) fn published_name(
    topic: &str,
    day: Day,
    (first, last): (u64, u64),
    foreign_journal: Option<JournalId>,
) -> String {
    let suffix = foreign_journal.map(|journal| format!("-{journal}")).unwrap_or_default();
    format!("{}/{first:020}-{last:020}{suffix}.avro", published_folder(topic, day))
}

/// The folder, below the destination's directory, of the files of one topic and day.
pub(crate) fn published_folder(topic: &str, day: Day) -> String {
    format!("{topic}/{DAY_PREFIX}{day}")
}

/// Beginning of the name of a day's folder.
pub(crate) const DAY_PREFIX: &str = "date=";

/// Checks that a topic's name can be a folder's.
pub(crate) fn check_topic(topic: &str) -> Result<(), Error> {
    let problem = if topic.is_empty() {
        "it is empty"
    } else if topic.starts_with('.') {
        "it begins with a dot, so loaders would pass over its folder"
    } else if topic.contains(['/', '\0']) {
        "it contains a slash or a zero byte"
    } else if topic.len() > MAX_NAME_BYTES {
        "it is longer than 255 bytes"
    } else {
        return Ok(());
    };
    Err(Error::Topic { topic: topic.to_owned(), problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_names_sort_by_position() {
        let early = published_name("t", Day::of(0), (9, 10), None);
        let late = published_name("t", Day::of(0), (11, 100), None);
        assert_eq!(early, "t/date=1970-01-01/00000000000000000009-00000000000000000010.avro");
        assert!(early < late);
    }

    #[test]
    fn another_journal_has_other_names() {
        let foreign_journal = JournalId::new([0xab; 16]);
        let name = published_name("t", Day::of(0), (1, 2), Some(foreign_journal));
        assert!(name.ends_with("-abababababababababababababababab.avro"), "{name}");
    }

    #[test]
    fn a_topic_that_can_be_no_visible_folder_is_refused() {
        for topic in ["", ".", "..", ".kalends", "a/b", "a\0b", &"a".repeat(256)] {
            assert!(check_topic(topic).is_err(), "{topic:?}");
        }
        assert!(check_topic("rokt.calendar.subscribe").is_ok());
    }
}
