use std::{path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Size, duration, keyword::keywords};

/// Where webhooks are kept until every sink has them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Journal {
    /// What the journal is made of. Default `local`. Since 0.1.
    pub kind: JournalKind,
    /// The journal's own directory. Default `./data/journal`. Since 0.1.
    pub directory: PathBuf,
    /// How long webhooks are kept after every sink has them. Default 7 d. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub retain: Duration,
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
            max_size: Size::mebibytes(10 * 1024),
            min_free: Size::mebibytes(64),
            segment_size: Size::mebibytes(64),
        }
    }
}

/// What the journal is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalKind {
    /// A directory on this machine.
    Local,
}

keywords!(JournalKind { "local" => Local });
