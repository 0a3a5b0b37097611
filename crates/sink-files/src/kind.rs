use std::os::unix::ffi::OsStrExt;

use kalends_sink::{
    BuildError, Claim, CommonKeys, Context, Explanation, Guarantee, JournalId, Record, RecordName, Report,
    Scope, ShardId, Sink, SinkDefinition, Stream,
};
use kalends_value::{Misfit, Path, Secret, Size};

use crate::{FileSink, FilesSettings, committed, day::Day, layout::published_folder};

/// Below so many free bytes the directory is as good as full.
const LITTLE_ROOM: u64 = 64 << 20;

/// Avro object container files in a directory.
#[derive(Debug, Clone, Copy)]
pub struct Files;

impl SinkDefinition for Files {
    type Settings = FilesSettings;

    const NAME: &'static str = "files";
    const COMMON: CommonKeys = CommonKeys::ALL;

    fn secrets(_: &mut FilesSettings) -> Vec<(Path, &mut Secret)> {
        Vec::new()
    }

    fn check(settings: &mut FilesSettings, scope: &Scope<'_>) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let mut wrong = |key: &str, message: &str| misfits.push((Path::keys(&[key]), message.to_owned()));
        if let Some(message) = fault(settings) {
            wrong("directory", message);
        }
        if settings.roll_every.is_zero() {
            wrong("roll_every", "every record would be a file; write at least 1s");
        }
        if settings.roll_size.bytes() == 0 {
            wrong("roll_size", "every record would be a file; write at least 1MiB");
        }
        let topics = settings.topics.check(scope).into_iter();
        misfits.extend(topics.map(|(path, message)| (Path::keys(&["topics"]).join(&path), message)));
        misfits
    }

    fn claims(settings: &FilesSettings, _: &Scope<'_>) -> Vec<Claim> {
        let directory = settings.directory.clone();
        let claim = Claim::Directory { at: Path::keys(&["directory"]), directory };
        if fault(settings).is_some() { Vec::new() } else { vec![claim] }
    }

    fn stream(settings: &FilesSettings, record: &RecordName) -> String {
        settings.topics.topic(record)
    }

    fn guarantee(_: &FilesSettings) -> Guarantee {
        Guarantee::ExactlyOnce
    }

    fn preflight(settings: &FilesSettings, context: &Context<'_>, streams: &[Stream]) -> Report {
        let directory = &settings.directory;
        let found = kalends_disk::directory(directory);
        let free = kalends_disk::free(directory).filter(|free| *free < LITTLE_ROOM);
        let full = |free| format!("{} has {} free: make room", directory.display(), Size::told(free));
        let mut report = Report {
            notes: found.notes,
            wrong: found.wrong,
            unavailable: free.map(full).into_iter().collect(),
            ..Report::default()
        };
        let committed = context.journal.map(|journal| committed(directory, journal, streams)).transpose();
        match committed {
            Ok(checkpoint) => report.checkpoint = checkpoint.flatten(),
            Err(failure) => report.fail(&failure),
        }
        report
    }

    fn explain(
        sink: Option<(&str, &FilesSettings)>,
        _: JournalId,
        stream: &Stream,
        record: &Record<'_>,
    ) -> Explanation {
        let folder = sink.map(|(_, settings)| {
            let folder = published_folder(&stream.topic, Day::of(record.received_at));
            ("folder", settings.directory.join(folder).display().to_string())
        });
        Explanation { headers: Vec::new(), written: folder.into_iter().collect() }
    }

    fn build(settings: &FilesSettings, context: &Context<'_>) -> Result<Box<dyn Sink>, BuildError> {
        if context.shard != ShardId::FIRST {
            return Err(BuildError::new("a sink of this kind delivers a journal of one shard alone"));
        }
        Ok(Box::new(FileSink::new(settings.in_context(context))))
    }
}

fn fault(settings: &FilesSettings) -> Option<&'static str> {
    let bytes = settings.directory.as_os_str().as_bytes();
    if bytes.is_empty() {
        return Some("files need a directory; write its path");
    }
    bytes.contains(&0).then_some("a path has no NUL character; write another")
}
