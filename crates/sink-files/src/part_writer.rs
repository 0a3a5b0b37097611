use std::{fs::File, path::PathBuf};

use kalends_sink::Record;

use kalends_container::{SyncMarker, write_head};

use crate::{
    Codec,
    container::BlockEncoder,
    day::Day,
    disk::{Disk, Identity},
    disk_op::DiskOp,
    error::Error,
    layout::Layout,
};

const MAX_BLOCK_BYTES: usize = 64 * 1024;

/// A file that is being written under `.kalends`: one topic, one day, one commit.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) day: Day,
    pub(crate) first: u64,
    pub(crate) last: u64,
    path: PathBuf,
    file: File,
    sync: SyncMarker,
    datums: Vec<u8>,
    records: usize,
}

/// State that all parts of a session share.
pub(crate) struct PartWriter {
    pub(crate) disk: Disk,
    pub(crate) layout: Layout,
    codec: Codec,
    encoder: BlockEncoder,
}

impl PartWriter {
    pub(crate) fn new(disk: Disk, layout: Layout, codec: Codec) -> Self {
        Self { disk, layout, codec, encoder: BlockEncoder::new(codec) }
    }
}

impl Part {
    /// Begins a part for records of one day, from the position `first` on.
    pub(crate) fn begin(
        writer: &PartWriter,
        name: String,
        schema: &str,
        day: Day,
        first: u64,
    ) -> Result<Self, Error> {
        let path = writer.layout.part(&name);
        let mut sync = SyncMarker::default();
        getrandom::fill(&mut sync)?;
        let mut head = Vec::new();
        write_head(&mut head, schema, writer.codec.name(), &sync);
        let mut file = writer.disk.create(&path)?;
        writer.disk.write(&mut file, &path, &head)?;
        Ok(Self { name, day, first, last: first, path, file, sync, datums: Vec::new(), records: 0 })
    }

    /// Adds a record; full blocks go to the file.
    pub(crate) fn add(&mut self, writer: &mut PartWriter, record: &Record<'_>) -> Result<(), Error> {
        if self.datums.len() + record.datum.len() > MAX_BLOCK_BYTES {
            self.write_block(writer)?;
        }
        self.datums.extend_from_slice(record.datum);
        self.records += 1;
        self.last = record.position;
        if self.datums.len() >= MAX_BLOCK_BYTES {
            self.write_block(writer)?;
            self.datums.shrink_to(MAX_BLOCK_BYTES);
        }
        Ok(())
    }

    /// Completes the file, and tells which it is; durable, but for its name, when this returns.
    pub(crate) fn finish(mut self, writer: &mut PartWriter) -> Result<(Self, Identity), Error> {
        self.write_block(writer)?;
        writer.disk.sync(&self.file, &self.path)?;
        let identity = writer.disk.identity(&self.file, &self.path)?;
        Ok((self, identity))
    }

    fn write_block(&mut self, writer: &mut PartWriter) -> Result<(), Error> {
        if self.records == 0 {
            return Ok(());
        }
        let fault = |source| Error::Io { op: DiskOp::Write, path: self.path.clone(), source };
        let block = writer.encoder.encode(self.records, &self.datums, &self.sync).map_err(fault)?;
        writer.disk.write(&mut self.file, &self.path, block)?;
        self.datums.clear();
        self.records = 0;
        Ok(())
    }
}
