use kalends_sink::{Finding, Standing, Stream};

use super::{
    client::{Client, Compatibility},
    error::Error,
    settings::Settings,
};

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
