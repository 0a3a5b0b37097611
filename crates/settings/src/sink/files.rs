use std::{path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Privacy, Topics};
use kalends_value::{Size, Start, duration, words};

/// Avro object container files in a directory.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// Files appear as `<directory>/<topic>/date=YYYY-MM-DD/<first>-<last>.avro`. Default `./data/events`. Since 0.1.
    pub directory: PathBuf,
    /// Longest time that a record waits for its file to be published. Default 60 s. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub roll_every: Duration,
    /// Size at which files are published before that. Default 64 MiB. Since 0.1.
    pub roll_size: Size,
    /// How the blocks of a file are compressed. Default `deflate`. Since 0.1.
    pub codec: Codec,
    /// Names of the topics, which are the folders. Since 0.1.
    pub topics: Topics,
    /// Where to start in a journal that this sink has never seen. Default `earliest`. Since 0.1.
    pub start: Start,
    /// Whether the journal keeps webhooks until this sink has them; if not, a full journal drops this sink's oldest ones.
    /// Default true. Since 0.1.
    pub required: bool,
    /// The only event types that the sink takes. Default: none named, so all. Since 0.1.
    pub only: Vec<String>,
    /// Event types that the sink does not take. Default: none. Since 0.1.
    pub except: Vec<String>,
    /// Whether U+0000 is taken out of texts, where it stands and where it is escaped in JSON text: PostgreSQL takes neither. Default
    /// false. Since 0.1.
    pub strip_nul: bool,
    /// What the sink may see of personal data. Default: everything. Since 0.1.
    pub privacy: Privacy,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("./data/events"),
            roll_every: Duration::from_mins(1),
            roll_size: Size::mebibytes(64),
            codec: Codec::Deflate,
            topics: Topics::default(),
            start: Start::Earliest,
            required: true,
            only: Vec::new(),
            except: Vec::new(),
            strip_nul: false,
            privacy: Privacy::default(),
        }
    }
}

/// How the blocks of a file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Not at all (Avro's `null` codec).
    None,
    /// Deflate, which every Avro reader knows.
    Deflate,
}

words!(Codec { "none" => None, "deflate" => Deflate });
