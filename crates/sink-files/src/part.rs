use std::{fs::File, path::PathBuf};

use kalends_sink::Record;

use crate::{
    Codec,
    container::{self, BlockEncoder, SyncMarker},
    day::Day,
    disk::{Disk, Identity},
    error::Error,
    layout::Layout,
    step::Step,
};

const BLOCK_BYTES: usize = 64 * 1024;

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

/// What all parts of a session share.
pub(crate) struct Press {
    pub(crate) disk: Disk,
    pub(crate) layout: Layout,
    codec: Codec,
    encoder: BlockEncoder,
}

impl Press {
    pub(crate) fn new(disk: Disk, layout: Layout, codec: Codec) -> Self {
        Self { disk, layout, codec, encoder: BlockEncoder::new(codec) }
    }
}

impl Part {
    /// Begins a part for records of one day, from the position `first` on.
    pub(crate) fn begin(
        press: &Press,
        name: String,
        schema: &str,
        day: Day,
        first: u64,
    ) -> Result<Self, Error> {
        let path = press.layout.part(&name);
        let mut sync = SyncMarker::default();
        getrandom::fill(&mut sync)?;
        let mut head = Vec::new();
        container::write_head(&mut head, schema, press.codec, &sync);
        let mut file = press.disk.create(&path)?;
        press.disk.write(&mut file, &path, &head)?;
        Ok(Self { name, day, first, last: first, path, file, sync, datums: Vec::new(), records: 0 })
    }

    /// Adds a record; full blocks go to the file.
    pub(crate) fn add(&mut self, press: &mut Press, record: &Record<'_>) -> Result<(), Error> {
        if self.datums.len() + record.datum.len() > BLOCK_BYTES {
            self.write_block(press)?;
        }
        self.datums.extend_from_slice(record.datum);
        self.records += 1;
        self.last = record.position;
        if self.datums.len() >= BLOCK_BYTES {
            self.write_block(press)?;
            self.datums.shrink_to(BLOCK_BYTES);
        }
        Ok(())
    }

    /// Completes the file, and tells which it is; durable, but for its name, when this returns.
    pub(crate) fn finish(mut self, press: &mut Press) -> Result<(Self, Identity), Error> {
        self.write_block(press)?;
        press.disk.sync(&self.file, &self.path)?;
        let identity = press.disk.identity(&self.file, &self.path)?;
        Ok((self, identity))
    }

    fn write_block(&mut self, press: &mut Press) -> Result<(), Error> {
        if self.records == 0 {
            return Ok(());
        }
        let fault = |source| Error::Io { step: Step::Write, path: self.path.clone(), source };
        let block = press.encoder.encode(self.records, &self.datums, &self.sync).map_err(fault)?;
        press.disk.write(&mut self.file, &self.path, block)?;
        self.datums.clear();
        self.records = 0;
        Ok(())
    }
}
