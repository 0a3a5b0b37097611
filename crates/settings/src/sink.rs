//! The destinations: what all kinds have in common stands here, each kind in a file of its own.

mod files;
mod kafka;
mod privacy;
mod registry;
mod topics;

pub use files::{Codec, Files};
pub use kafka::{Delivery, Kafka};
pub use privacy::{Classes, Consent, Privacy, Treatment};
pub use registry::{SchemaRegistry, SubjectNameStrategy};
pub use topics::Topics;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use kalends_value::Start;

/// A destination; the key `kind` says which. (In the file `kind` stands beside the other keys; the loader moves it up.)
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(rename_all = "kebab-case", tag = "kind")]
pub enum Sink {
    /// Avro object container files in a directory.
    Files(Files),
    /// Topics of a Kafka cluster.
    Kafka(Kafka),
}

impl Serialize for Sink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct WithKind<'a, T: Serialize> {
            kind: &'static str,
            #[serde(flatten)]
            keys: &'a T,
        }
        let kind = self.kind();
        match self {
            Self::Files(keys) => WithKind { kind, keys }.serialize(serializer),
            Self::Kafka(keys) => WithKind { kind, keys }.serialize(serializer),
        }
    }
}

impl Sink {
    /// The value of `kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Files(_) => "files",
            Self::Kafka(_) => "kafka",
        }
    }

    /// Which topics records go to.
    #[must_use]
    pub fn topics(&self) -> &Topics {
        match self {
            Self::Files(files) => &files.topics,
            Self::Kafka(kafka) => &kafka.topics,
        }
    }

    /// What the sink may see of personal data.
    #[must_use]
    pub fn privacy(&self) -> &Privacy {
        match self {
            Self::Files(files) => &files.privacy,
            Self::Kafka(kafka) => &kafka.privacy,
        }
    }

    /// Where the sink starts in a journal that it has never seen.
    #[must_use]
    pub fn start(&self) -> Start {
        match self {
            Self::Files(files) => files.start,
            Self::Kafka(kafka) => kafka.start,
        }
    }

    /// Whether the journal keeps webhooks until this sink has them.
    #[must_use]
    pub fn required(&self) -> bool {
        match self {
            Self::Files(files) => files.required,
            Self::Kafka(kafka) => kafka.required,
        }
    }

    /// The only event types that the sink takes; empty means all.
    #[must_use]
    pub fn only(&self) -> &[String] {
        match self {
            Self::Files(files) => &files.only,
            Self::Kafka(kafka) => &kafka.only,
        }
    }

    /// Whether U+0000 is taken out of texts.
    #[must_use]
    pub fn strip_nul(&self) -> bool {
        match self {
            Self::Files(files) => files.strip_nul,
            Self::Kafka(kafka) => kafka.strip_nul,
        }
    }

    /// Event types that the sink does not take.
    #[must_use]
    pub fn except(&self) -> &[String] {
        match self {
            Self::Files(files) => &files.except,
            Self::Kafka(kafka) => &kafka.except,
        }
    }
}
