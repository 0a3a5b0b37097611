use std::{path::PathBuf, time::Duration};

use kalends_sink::{Context, Topics};
use kalends_value::{Size, duration, words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Avro object container files in a directory.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilesSettings {
    /// Files appear as `<directory>/<topic>/date=YYYY-MM-DD/<first>-<last>.avro`. Default `./data/events`. Since 0.1.
    pub directory: PathBuf,
    /// Longest time that a record waits for its file to be published. Default 60 s. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub roll_every: Duration,
    /// Size at which files are published before that. Default 64 MiB. Since 0.1.
    pub roll_size: Size,
    /// Compression of a file's blocks. Default `deflate`. Since 0.1.
    pub codec: Codec,
    /// Names of the topics, which are the folders. Since 0.1.
    pub topics: Topics,
}

impl Default for FilesSettings {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("./data/events"),
            roll_every: Duration::from_mins(1),
            roll_size: Size::mebibytes(64),
            codec: Codec::Deflate,
            topics: Topics::default(),
        }
    }
}

impl FilesSettings {
    /// The sink's settings in its context: a replay has a folder of its own below the directory.
    pub(crate) fn in_context(&self, context: &Context<'_>) -> Settings {
        let folder = context.replay.map(|id| self.directory.join(format!("replay={id}")));
        Settings {
            directory: folder.unwrap_or_else(|| self.directory.clone()),
            roll_every: self.roll_every,
            roll_bytes: self.roll_size.bytes(),
            codec: self.codec,
        }
    }
}

/// Directory and rolling of the files.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Holds one folder per topic, and `.kalends`. Made when it is missing.
    pub directory: PathBuf,
    /// Longest time from the first record written to the publication of its file.
    pub roll_every: Duration,
    /// Most bytes of datums, over all topics together, between two publications.
    pub roll_bytes: u64,
    /// Compression of the blocks.
    pub codec: Codec,
}

/// Compression of the blocks of an object container file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    Null,
    /// Raw DEFLATE, which every Avro reader knows.
    Deflate,
}

words!(Codec { "none" => Null, "deflate" => Deflate });

impl Codec {
    /// Avro's own name for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Deflate => "deflate",
        }
    }
}
