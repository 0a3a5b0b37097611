use std::{io, path::Path};

use kalends_sink::{Failure, Stream, WHEN_INCOMPATIBLE};
use serde_json::Value;

use super::{client::Client, error::Error, known::Known, metrics::SinkMetrics, settings::Settings};

/// The id of each stream's schema, in the order of the streams: learnt now or earlier, and verified if the registry answers.
///
/// # Errors
/// [`Failure::Hold`] when an id is not to be had, or no longer means what it did; [`Failure::Retry`] when it can't be kept.
pub(crate) fn ids(
    settings: &Settings,
    metrics: &SinkMetrics,
    sink: &str,
    streams: &[Stream],
) -> Result<Vec<u32>, Failure> {
    let path = settings.known_ids.as_deref();
    let known = Known::read(path, settings.addresses()).map_err(|error| unreadable(path, &error))?;
    let client = Client::new(settings, Some(metrics.requests.clone())).map_err(|error| hold(&error))?;
    let mut search = Search { settings, client, known, outage: None, unverified: 0, lacking: Vec::new() };
    let ids = streams.iter().map(|stream| search.id(stream)).collect::<Result<Vec<_>, _>>()?;
    if !search.lacking.is_empty() {
        return Err(search.lack());
    }
    metrics.unverified.set(search.unverified);
    if let Some(error) = search.outage {
        tracing::warn!(sink, %error, "schema ids can't be verified: going on with those that are known");
    }
    search
        .known
        .keep()
        .map_err(|error| Failure::retry(format!("schema ids can't be kept in {}: {error}", shown(path))))?;
    Ok(ids)
}

struct Search<'a> {
    settings: &'a Settings,
    client: Client,
    known: Known,
    /// Reason why the registry is not asked any more.
    outage: Option<Error>,
    unverified: i64,
    /// Subjects whose id is not to be had; all of them are told at once.
    lacking: Vec<String>,
}

/// Reason why the registry gave no id.
enum Obstacle {
    /// The registry says nothing about the schema.
    Outage(Error),
    /// The registry's answer stops delivery.
    Verdict(Failure),
}

impl From<Error> for Obstacle {
    fn from(error: Error) -> Self {
        Self::Outage(error)
    }
}

impl Search<'_> {
    fn id(&mut self, stream: &Stream) -> Result<u32, Failure> {
        let (subject, schema) = (self.settings.subjects.of(stream), stream.schema.json.as_str());
        let known = self.known.id(&subject, schema);
        if self.outage.is_none() {
            match self.ask(&subject, schema, known) {
                Ok(Some(id)) => {
                    if known.is_none() {
                        self.known.learn(&subject, schema, id);
                    }
                    return Ok(id);
                }
                Ok(None) => {}
                Err(Obstacle::Verdict(failure)) => return Err(failure),
                Err(Obstacle::Outage(error)) => self.outage = Some(error),
            }
        }
        if let Some(id) = known {
            self.unverified += 1;
            return Ok(id);
        }
        self.lacking.push(subject);
        Ok(0)
    }

    /// The id by the registry; `None` when it doesn't have the schema and is not to be given it.
    fn ask(&self, subject: &str, schema: &str, known: Option<u32>) -> Result<Option<u32>, Obstacle> {
        match (self.client.look_up(subject, schema)?, known) {
            (Some(found), Some(known)) if found.id != known => {
                Err(self.rebuilt(subject, known, &format!("the schema has id {} there", found.id)))
            }
            (Some(found), _) => Ok(Some(found.id)),
            // The subject was deleted. As long as the id means the same, readers understand it.
            (None, Some(known)) => match self.client.schema(known)? {
                Some(text) if is_same(&text, schema) => Ok(Some(known)),
                Some(_) => Err(self.rebuilt(subject, known, "that id is of another schema there")),
                None => Err(self.rebuilt(subject, known, "there is no such id there")),
            },
            (None, None) if self.settings.auto_register => match self.client.register(subject, schema) {
                Ok(id) => {
                    tracing::info!(subject, id, "registered a schema");
                    Ok(Some(id))
                }
                Err(error @ Error::Silent { .. }) => Err(Obstacle::Outage(error)),
                Err(error) => Err(Obstacle::Verdict(hold(&error))),
            },
            (None, None) => Ok(None),
        }
    }

    fn rebuilt(&self, subject: &str, known: u32, how: &str) -> Obstacle {
        let path = shown(self.settings.known_ids.as_deref());
        Obstacle::Verdict(Failure::hold(format!(
            "the schema registry is not what it was: records of subject {subject:?} were delivered with schema id {known}, but \
             {how}. Put the registry's data back; or, if its new ids are meant, remove {path} and run \
             `kalends schemas register`"
        )))
    }

    fn lack(&self) -> Failure {
        let subjects = self.lacking.join(", ");
        Failure::hold(match &self.outage {
            Some(error) => format!("{error}. Delivery waits: not known yet are the schema ids of {subjects}"),
            None => format!(
                "the schema registry doesn't have the schemas of {subjects}: run `kalends schemas register`, or set \
                 `auto_register: true`"
            ),
        })
    }
}

/// Returns whether two texts are the same schema, written differently at most.
fn is_same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    read(one).is_some_and(|one| Some(one) == read(other))
}

fn hold(error: &Error) -> Failure {
    Failure::hold(match error {
        Error::Incompatible { .. } => format!("{error}; {WHEN_INCOMPATIBLE}"),
        other => other.to_string(),
    })
}

fn unreadable(path: Option<&Path>, error: &io::Error) -> Failure {
    Failure::hold(format!(
        "the schema ids that this sink has learnt can't be read: {}: {error}; remove it to ask the registry anew",
        shown(path)
    ))
}

fn shown(path: Option<&Path>) -> String {
    path.map_or_else(|| "no file".to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests;
