//! Dead letters, as `DeadLetter` records in Avro object container files.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

use kalends_sink::Schema;

const MAGIC: &[u8] = b"Obj\x01";

/// The folder that has the files of one sink: one file a commit, `<first>-<last>.avro`. Without a path nothing is kept.
#[derive(Debug)]
pub(crate) struct DeadLetterFile(Option<PathBuf>);

impl DeadLetterFile {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Writes datums of dead letters with their positions. Durable when this returns; the same again leaves one file.
    ///
    /// # Errors
    /// They can't be written.
    pub(crate) fn write(&self, schema: &Schema, datums: &[(u64, &[u8])]) -> io::Result<()> {
        let (Some(folder), [(first, _), ..], Some((last, _))) = (&self.0, datums, datums.last()) else {
            return Ok(());
        };
        fs::create_dir_all(folder)?;
        let name = folder.join(format!("{first:020}-{last:020}.avro"));
        let temporary = folder.join(format!("{first:020}-{last:020}.avro.tmp"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&temporary)?;
        file.write_all(&container(schema, datums))?;
        file.sync_all()?;
        fs::rename(&temporary, &name)?;
        fs::File::open(folder)?.sync_all()
    }
}

/// A whole file with one block.
fn container(schema: &Schema, datums: &[(u64, &[u8])]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    write_long(&mut out, 2);
    for (key, value) in [("avro.schema", schema.json.as_str()), ("avro.codec", "null")] {
        write_bytes(&mut out, key.as_bytes());
        write_bytes(&mut out, value.as_bytes());
    }
    write_long(&mut out, 0);
    // Made of what the file holds, so that the same again gives the same file.
    let sync = {
        let bytes: Vec<u8> = datums.iter().flat_map(|(_, datum)| datum.iter().copied()).collect();
        xxhash_rust::xxh3::xxh3_128(&bytes).to_be_bytes()
    };
    out.extend_from_slice(&sync);
    write_long(&mut out, datums.len());
    let length = datums.iter().map(|(_, datum)| datum.len()).sum();
    write_long(&mut out, length);
    for (_, datum) in datums {
        out.extend_from_slice(datum);
    }
    out.extend_from_slice(&sync);
    out
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_long(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// An Avro long that is never negative: zigzag, then seven bits a byte, the lowest first.
fn write_long(out: &mut Vec<u8>, number: usize) {
    let mut rest = number << 1;
    while rest > 0x7f {
        out.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap_or_default());
}
