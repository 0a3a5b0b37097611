use kalends_sink::Stream;

use super::{
    client::{Client, Compatibility},
    error::Error,
    settings::Settings,
};

/// What a registry says of one schema of a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The topic whose values have the schema.
    pub topic: String,
    /// The subject in the registry.
    pub subject: String,
    /// What stands there.
    pub standing: Standing,
}

/// What to do about a schema that can't stand beside its subject's older ones.
pub(super) const WHEN_INCOMPATIBLE: &str = "make it a compatible superset of what is there, or change the subject's compatibility or the topic's name";

/// What stands in the registry, compared with a schema of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The same schema.
    Registered {
        /// The schema's id.
        id: u32,
        /// Which of the subject's versions it is.
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

/// Asks the registry about the schema of every stream, and changes nothing there.
///
/// # Errors
/// The first [`Error`] of the registry.
pub fn inspect(settings: &Settings, streams: &[Stream]) -> Result<Vec<Finding>, Error> {
    let client = Client::new(settings, None)?;
    streams.iter().map(|stream| find(&client, settings, stream)).collect()
}

/// Registers the schema of every stream that the registry doesn't have. What is there by now is returned, even when that
/// was so before.
///
/// # Errors
/// The first [`Error`] of the registry; schemas of earlier streams are registered then.
pub fn register(settings: &Settings, streams: &[Stream]) -> Result<Vec<Finding>, Error> {
    let client = Client::new(settings, None)?;
    let register = |stream: &Stream| {
        let (subject, schema) = (settings.subjects.of(stream), &stream.schema.json);
        if client.look_up(&subject, schema)?.is_none() {
            client.register(&subject, schema)?;
        }
        find(&client, settings, stream)
    };
    streams.iter().map(register).collect()
}

fn find(client: &Client, settings: &Settings, stream: &Stream) -> Result<Finding, Error> {
    let (subject, schema) = (settings.subjects.of(stream), &stream.schema.json);
    let standing = match client.look_up(&subject, schema)? {
        Some(found) => Standing::Registered { id: found.id, version: found.version },
        None => match client.compatibility(&subject, schema)? {
            Compatibility::NoSubject => Standing::New,
            Compatibility::Compatible => Standing::Compatible,
            Compatibility::Incompatible(messages) => Standing::Incompatible { messages },
        },
    };
    Ok(Finding { topic: stream.topic.to_string(), subject, standing })
}
