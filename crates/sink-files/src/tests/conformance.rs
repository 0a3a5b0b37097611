use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use kalends_sink::{Sink, Stream, conformance::Destination};
use tempfile::TempDir;

use super::harness::{datum, settings, streams, visible};
use crate::{FileSink, disk::Hook, disk_op::DiskOp};

struct Directory(TempDir);

impl Destination for Directory {
    fn fresh(_name: &str) -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }

    fn sink(&self) -> Box<dyn Sink> {
        Box::new(FileSink::new(settings(self.0.path())))
    }

    fn streams(&self) -> Vec<Stream> {
        streams()
    }

    fn datum(&self, position: u64) -> Vec<u8> {
        datum(position, 0)
    }

    fn read_back(&self, stream: usize) -> Vec<u64> {
        let topic = format!("{}/", streams()[stream].topic);
        let files = visible(self.0.path()).into_iter().filter(|(name, _)| name.starts_with(&topic));
        files.flat_map(|(_, positions)| positions).collect()
    }

    fn dying_sink(&self, step: u32) -> Option<Box<dyn Sink>> {
        let steps = AtomicU32::new(0);
        let hook: Hook = Arc::new(move |_: DiskOp, _: &Path| {
            let is_alive = steps.fetch_add(1, Ordering::Relaxed) + 1 < step;
            if is_alive { Ok(()) } else { Err(io::Error::other("the process is dead")) }
        });
        Some(Box::new(FileSink::with_hook(settings(self.0.path()), hook)))
    }
}

kalends_sink::conformance!(Directory);
