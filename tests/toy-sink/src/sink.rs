use std::{fs, io, time::Duration};

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};
use kalends_value::Secret;
use serde::{Deserialize, Serialize};

use crate::ToySettings;

/// What the file has.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
struct Kept {
    seal: String,
    checkpoint: Option<Checkpoint>,
    records: Vec<(u64, String, String)>,
}

/// Delivers to one JSON file.
pub struct ToySink {
    settings: ToySettings,
    streams: Vec<Stream>,
    kept: Kept,
}

impl ToySink {
    pub(crate) fn new(settings: ToySettings) -> Self {
        Self { settings, streams: Vec::new(), kept: Kept::default() }
    }

    fn read(&self) -> Result<Kept, Failure> {
        let file = &self.settings.file;
        match fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Failure::hold(format!("{}: {error}; move it away", file.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kept::default()),
            Err(error) => Err(Failure::retry(format!("{}: {error}", file.display()))),
        }
    }
}

impl Sink for ToySink {
    fn connect(&mut self, journal: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.kept = self.read()?;
        self.kept.seal = self.settings.seal.as_ref().map(Secret::expose).unwrap_or_default().to_owned();
        self.streams = streams.to_vec();
        Ok(self.kept.checkpoint.filter(|checkpoint| checkpoint.journal == journal))
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        for record in records {
            let Some(stream) = self.streams.get(record.stream) else { continue };
            if self.settings.refuse.as_ref().is_some_and(|refused| *refused == stream.schema.name) {
                let message = format!("no {} here", stream.schema.name);
                return Err(Failure::Data { position: record.position, reason: "rejected-by-sink", message });
            }
            self.kept.records.push((record.position, stream.topic.to_string(), record.key.to_owned()));
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        self.kept.checkpoint = Some(checkpoint);
        let bytes = serde_json::to_vec(&self.kept).map_err(|error| Failure::hold(error.to_string()))?;
        kalends_note::replace(&self.settings.file, &bytes).map_err(|error| Failure::retry(error.to_string()))
    }

    fn pacing(&self) -> Pacing {
        let records = usize::from(self.settings.batch);
        Pacing { records, bytes: 1 << 20, delay: Duration::from_millis(50) }
    }
}
