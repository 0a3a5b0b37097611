use crate::Stream;

/// Where the schemas of a sink's records are registered.
pub trait SchemaRegistry {
    /// Asks about the schema of every stream, and changes nothing.
    ///
    /// # Errors
    /// The first of the registry's errors.
    fn inspect(&self, streams: &[Stream]) -> Result<Vec<Finding>, SchemaRegistryError>;

    /// Registers the schema of every stream that is not there. What is there by now is returned, even when that was so before.
    ///
    /// # Errors
    /// The first of the registry's errors; schemas of earlier streams are registered then.
    fn register(&self, streams: &[Stream]) -> Result<Vec<Finding>, SchemaRegistryError>;
}

/// Why a schema registry did not do its part, by what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaRegistryError {
    /// A schema is not taken.
    #[error("{0}")]
    Refused(String),
    /// The registry can't be asked with these settings.
    #[error("{0}")]
    Settings(String),
    /// The registry does not answer, or not as it should.
    #[error("{0}")]
    Unavailable(String),
}

/// A registry's answer about one schema of a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The topic whose values have the schema.
    pub topic: String,
    /// The subject in the registry.
    pub subject: String,
    /// The subject's state in the registry.
    pub standing: Standing,
}

/// The remedy for a schema that can't stand beside its subject's older ones.
pub const WHEN_INCOMPATIBLE: &str = "make it a compatible superset of what is there, or change the subject's compatibility or the topic's name";

/// The state of a subject, compared with a schema of a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The registry has the same schema.
    Registered {
        /// The schema's id.
        id: u32,
        /// The version of the subject that has this schema.
        version: u32,
    },
    /// No such subject.
    New,
    /// Other schemas, beside which ours would be taken.
    Compatible,
    /// Other schemas, beside which ours would be refused.
    Incompatible {
        /// Why, in the registry's words; some say nothing.
        messages: Vec<String>,
    },
}

impl Standing {
    /// Why the registry would not take the schema, and what to do, as the end of a sentence about it; `None` when it would or has it.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let Self::Incompatible { messages } = self else { return None };
        let why = if messages.is_empty() { String::new() } else { format!(": {}", messages.join("; ")) };
        Some(format!("which is not compatible with its older versions{why}; {WHEN_INCOMPATIBLE}"))
    }
}
