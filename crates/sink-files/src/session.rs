use std::{io, mem};

use kalends_sink::{Checkpoint, JournalId, Record, Stream};

use crate::{
    Settings,
    day::Day,
    disk::Disk,
    error::Error,
    layout::{self, Layout},
    lock::Lock,
    manifest::{Manifest, Publication, SHARD},
    part_writer::{Part, PartWriter},
    publish::{self, Absent, Finished},
    set_aside::{self, Unusable},
};

/// A destination that is ours, from a connect to the first failure.
pub(crate) struct Session {
    writer: PartWriter,
    journal: JournalId,
    manifest: Manifest,
    topics: Vec<Topic>,
    /// Complete and fsynced since the last commit.
    finished: Vec<Finished>,
    /// Random: no part of this session has the name of one of another.
    number: u64,
    parts: u64,
    lock: Lock,
}

struct Topic {
    stream: Stream,
    /// At most one: a part is finished when a record of another day arrives, so that a backlog of many days needs no
    /// more open files than there are topics.
    part: Option<Part>,
}

impl Session {
    /// Takes the destination, finishes the last commit and drops what was never committed.
    pub(crate) fn open(
        disk: &Disk,
        settings: &Settings,
        journal: JournalId,
        streams: &[Stream],
        unusable: Unusable,
    ) -> Result<Self, Error> {
        let layout = Layout::new(&settings.directory);
        streams.iter().try_for_each(|stream| layout::check_topic(&stream.topic))?;
        disk.create_directories(&layout.hidden())?;
        let lock = Lock::take(disk, &layout)?;
        let number = getrandom::u64()?;
        let known = match Manifest::load(disk, &layout, streams.iter().map(|stream| &*stream.topic)) {
            Err(error) if unusable == Unusable::SetAside && error.is_about_the_manifest() => {
                set_aside::run(disk, &layout, number, &error)?;
                None
            }
            known => known?,
        };
        if known.is_none() {
            sync_ancestors(disk, &layout)?;
        }
        let manifest = known.unwrap_or_else(Manifest::empty);
        publish::sync_days(disk, &layout, &manifest.publish)?;
        // Its rename may never have reached the disk: the commit before us may have failed right there.
        manifest.store(disk, &layout, || lock.check(disk))?;
        let published = publish::publish(disk, &layout, &manifest.publish, Absent::Published)?;
        let dropped = publish::drop_parts(disk, &layout)?;
        if published + dropped > 0 {
            tracing::info!(
                directory = %settings.directory.display(), published, dropped,
                "finished the last commit; what was not committed is read again from the journal"
            );
        }
        let topics = streams.iter().cloned().map(|stream| Topic { stream, part: None }).collect();
        let writer = PartWriter::new(disk.clone(), layout, settings.codec);
        Ok(Self { writer, journal, manifest, topics, finished: Vec::new(), number, parts: 0, lock })
    }

    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.manifest.checkpoint(self.journal)
    }

    pub(crate) fn write(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let streams = self.topics.len();
        let topic = self.topics.get_mut(record.stream);
        let topic = topic.ok_or(Error::Stream { stream: record.stream, streams })?;
        let day = Day::of(record.received_at);
        if let Some(part) = topic.part.take_if(|part| part.day != day) {
            let foreign_journal = self.manifest.foreign_journal(self.journal);
            self.finished.push(finish(&mut self.writer, &topic.stream, part, foreign_journal)?);
        }
        let part = match &mut topic.part {
            Some(part) => part,
            none => {
                self.parts += 1;
                let name = layout::part_name(self.number, self.parts);
                none.insert(Part::begin(&self.writer, name, &topic.stream.schema.json, day, record.position)?)
            }
        };
        part.add(&mut self.writer, record)
    }

    pub(crate) fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        if checkpoint.journal != self.journal {
            return Err(Error::Journal { want: self.journal, got: checkpoint.journal });
        }
        if checkpoint.shard != SHARD {
            return Err(Error::Shard { got: checkpoint.shard, want: SHARD });
        }
        let foreign_journal = self.manifest.foreign_journal(self.journal);
        for topic in &mut self.topics {
            if let Some(part) = topic.part.take() {
                self.finished.push(finish(&mut self.writer, &topic.stream, part, foreign_journal)?);
            }
        }
        let finished = mem::take(&mut self.finished);
        let publish = finished.iter().map(|part| part.publication.clone()).collect();
        let manifest = self.manifest.after(checkpoint, publish);
        let PartWriter { disk, layout, .. } = &self.writer;
        if !manifest.publish.is_empty() {
            publish::check_free(disk, layout, &manifest.publish)?;
            // A part that a durable manifest names and that is gone counts as published: their names go first.
            disk.sync_directory(&layout.hidden())?;
        }
        manifest.store(disk, layout, || {
            self.lock.check(disk)?;
            self.manifest.check(disk, layout)?;
            publish::check_parts(disk, layout, &finished)
        })?;
        match publish::publish(disk, layout, &manifest.publish, Absent::Lost) {
            Ok(_) => {
                self.manifest = manifest;
                Ok(())
            }
            Err(error @ Error::Disturbed { .. }) => {
                self.take_back(&manifest)?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Undoes a commit of which nothing was published and that nobody was told of: a connect would take the part that
    /// is gone for published.
    fn take_back(&self, manifest: &Manifest) -> Result<(), Error> {
        let PartWriter { disk, layout, .. } = &self.writer;
        self.manifest.store(disk, layout, || {
            self.lock.check(disk)?;
            manifest.check(disk, layout)
        })
    }
}

fn finish(
    writer: &mut PartWriter,
    stream: &Stream,
    part: Part,
    foreign_journal: Option<JournalId>,
) -> Result<Finished, Error> {
    let (part, identity) = part.finish(writer)?;
    let file = layout::published_name(&stream.topic, part.day, (part.first, part.last), foreign_journal);
    Ok(Finished { publication: Publication { part: part.name, file }, identity })
}

/// Makes the destination's own name durable, whichever of the directories above it were just made.
fn sync_ancestors(disk: &Disk, layout: &Layout) -> Result<(), Error> {
    for folder in layout.root().ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
        match disk.sync_directory(folder) {
            Err(Error::Io { source, .. }) if is_not_ours(source.kind()) => {}
            result => result?,
        }
    }
    Ok(())
}

/// Nothing was just made in a directory that can't be read, written or fsynced.
fn is_not_ours(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    matches!(kind, Kind::PermissionDenied | Kind::ReadOnlyFilesystem | Kind::InvalidInput | Kind::Unsupported)
}
