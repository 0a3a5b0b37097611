use std::{borrow::Cow, path::PathBuf, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use kalends_value::{Size, duration};

/// The journal, which keeps webhooks until every sink has them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Journal {
    /// Kind of the journal. Default `local`. Since 0.1.
    pub kind: JournalKind,
    /// The journal's own directory. Default `./data/journal`. Since 0.1.
    pub directory: PathBuf,
    /// Time that webhooks are kept after every sink has them. Default 7 d. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub retain: Duration,
    /// Refuse to start where there is no journal yet, so that a disk that is not mounted begins no new one. Default `false`. Since 0.2.
    pub require_existing: bool,
    /// Most bytes on disk; a journal that is full of undelivered webhooks refuses new ones (503). Default 10 GiB. Since 0.1.
    pub max_size: Size,
    /// Bytes that stay free on the file system. Default 64 MiB. Since 0.1.
    pub min_free: Size,
    /// Size at which a new segment file is begun. Default 64 MiB. Since 0.1.
    pub segment_size: Size,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            kind: JournalKind::Local,
            directory: PathBuf::from("./data/journal"),
            retain: Duration::from_hours(7 * 24),
            require_existing: false,
            max_size: Size::mebibytes(10 * 1024),
            min_free: Size::mebibytes(64),
            segment_size: Size::mebibytes(64),
        }
    }
}

/// Kind of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalKind {
    /// A directory on this machine.
    Local,
}

impl<'de> Deserialize<'de> for JournalKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "local" => Ok(Self::Local),
            planned @ "kafka" => Err(de::Error::custom(format_args!(
                "`{planned}` is not supported by this version of kalends; leave it out"
            ))),
            other => Err(de::Error::unknown_variant(other, &["local"])),
        }
    }
}

impl Serialize for JournalKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("local")
    }
}

impl JsonSchema for JournalKind {
    fn schema_name() -> Cow<'static, str> {
        "JournalKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": ["local"] })
    }
}
