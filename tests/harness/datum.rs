//! Decoding what a consumer of Kafka gets, by the project's schemas.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use apache_avro::{
    GenericSingleObjectReader, Schema,
    headers::{HeaderBuilder as _, RabinFingerprintHeader},
};

use crate::{files::Record, kafka::Message};

/// A reader for each schema that the project ships, by record name.
pub struct Decoder {
    readers: BTreeMap<String, GenericSingleObjectReader>,
}

impl Decoder {
    /// Reads the `.avsc` files.
    ///
    /// # Errors
    /// A file can't be read or is no schema.
    pub fn new() -> anyhow::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/normalise/schemas");
        let mut readers = BTreeMap::new();
        for file in crate::tree::files_under(&folder)? {
            let schema = Schema::parse_str(&fs::read_to_string(&file)?);
            let schema = schema.with_context(|| format!("{} is no schema", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let header = header(&schema)?;
            readers.insert(name, GenericSingleObjectReader::builder().schema(schema).header(header).build()?);
        }
        Ok(Self { readers })
    }

    /// The record in a message on `topic`: Avro single-object encoding, of the type that the message's headers name.
    ///
    /// # Errors
    /// The headers name no type of the project, or the value is not of that type.
    pub fn record(&self, topic: &str, message: &Message) -> anyhow::Result<Record> {
        let full_name = message.header("ce_type").context("no header ce_type")?;
        let name = full_name.strip_prefix("rokt.calendar.").unwrap_or(full_name);
        let reader =
            self.readers.get(name).with_context(|| format!("no schema of the project is {full_name}"))?;
        let value = reader.read_value(&mut message.value.as_slice());
        let value = value.with_context(|| format!("a message on {topic} is no {full_name}"))?;
        Record::new(topic, Some(message.key.clone()), value)
    }
}

/// The first bytes of a message. The library leaves an object where a logical type was; the specification's canonical form,
/// and with it the fingerprint of every other library, has the bare primitive.
fn header(schema: &Schema) -> anyhow::Result<Vec<u8>> {
    let canonical = schema.canonical_form().replace(r#"{"type":"long"}"#, r#""long""#);
    Ok(RabinFingerprintHeader::from_schema(&Schema::parse_str(&canonical)?).build_header())
}
