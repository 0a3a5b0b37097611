use std::{
    collections::BTreeMap,
    fs,
    io::BufReader,
    path::{Path, PathBuf},
};

use apache_avro::{Reader, types::Value};

use crate::output::exit::{Exit, Failure};

/// What stands in the published files: records by topic and key.
#[derive(Debug, Default)]
pub(super) struct Landed {
    pub(super) records: BTreeMap<(String, String), usize>,
    /// How many files there are.
    pub(super) files: usize,
    /// One of the files, to try `kalends cat` on.
    pub(super) example: Option<PathBuf>,
}

impl Landed {
    pub(super) fn read(events: &Path) -> Result<Self, Failure> {
        let mut landed = Self::default();
        for topic in visible(events)? {
            for day in visible(&topic)? {
                for file in visible(&day)? {
                    landed.count(&name(&topic), &file)?;
                    landed.files += 1;
                    landed.example.get_or_insert(file);
                }
            }
        }
        Ok(landed)
    }

    fn count(&mut self, topic: &str, path: &Path) -> Result<(), Failure> {
        let unreadable = |error| Failure::new(Exit::Data, format!("{}: {error}", path.display()));
        let file = fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
        for record in Reader::new(BufReader::new(file)).map_err(unreadable)? {
            let key = key(&record.map_err(unreadable)?);
            *self.records.entry((topic.to_owned(), key)).or_default() += 1;
        }
        Ok(())
    }
}

/// What stands in a folder but for what begins with a dot, in order of names.
fn visible(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let paths = fs::read_dir(folder).and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect());
    let mut paths: Vec<_> = paths.map_err(|error| Failure::file(folder, &error))?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What the record is keyed by in Kafka.
fn key(record: &Value) -> String {
    let Value::Record(fields) = record else { return String::new() };
    let text =
        |wanted: &str| fields.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| text(value));
    let by = ["calendar_subscription_id", "subscription_event_id", "event_id"];
    by.into_iter().find_map(text).unwrap_or_default().to_owned()
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Union(_, inner) => text(inner),
        _ => None,
    }
}
