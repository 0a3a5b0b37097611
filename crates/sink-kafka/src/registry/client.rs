use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::json;

use super::{
    error::Error,
    metrics::Requests,
    reader::{Fault, NO_SUBJECT, object, said},
    settings::Settings,
    transport::{Answer, Transport},
};

/// The five calls of the API that are needed.
pub(super) struct Client(Transport);

/// Most of a registry's reasons that are shown.
const MOST_REASONS: usize = 20;

/// A schema as its subject has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Registered {
    #[serde(deserialize_with = "id")]
    pub(super) id: u32,
    pub(super) version: u32,
}

/// A subject's answer to a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Compatibility {
    /// The subject does not exist, so it would take the schema.
    NoSubject,
    Compatible,
    /// The subject would not take the schema, and why.
    Incompatible(Vec<String>),
}

impl Client {
    pub(super) fn new(settings: &Settings, requests: Option<Requests>) -> Result<Self, Error> {
        Transport::new(settings, requests).map(Self)
    }

    /// The id of this schema under this subject; `None` when it is not there.
    pub(super) fn look_up(&self, subject: &str, schema: &str) -> Result<Option<Registered>, Error> {
        let answer = self.0.post(&format!("/subjects/{subject}"), &body(schema))?;
        found(&answer, subject)
    }

    /// Registers a schema under a subject, and returns its id. The same again gives the same id.
    pub(super) fn register(&self, subject: &str, schema: &str) -> Result<u32, Error> {
        #[derive(Deserialize)]
        struct New {
            #[serde(deserialize_with = "id")]
            id: u32,
        }
        let answer = self.0.post(&format!("/subjects/{subject}/versions"), &body(schema))?;
        let new: Option<New> = found(&answer, subject)?;
        new.map(|new| new.id).ok_or_else(|| refused(&answer))
    }

    /// The schema with this id; `None` when there is none.
    pub(super) fn schema(&self, id: u32) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Text {
            schema: String,
        }
        let answer = self.0.get(&format!("/schemas/ids/{id}"))?;
        let text: Option<Text> = found(&answer, "")?;
        Ok(text.map(|text| text.schema))
    }

    /// Asks whether the subject's level of compatibility allows the schema beside its older versions.
    pub(super) fn compatibility(&self, subject: &str, schema: &str) -> Result<Compatibility, Error> {
        #[derive(Deserialize)]
        struct Verdict {
            is_compatible: bool,
            #[serde(default)]
            messages: Vec<String>,
        }
        let path = format!("/compatibility/subjects/{subject}/versions?verbose=true");
        let verdict: Option<Verdict> = found(&self.0.post(&path, &body(schema))?, subject)?;
        Ok(match verdict {
            None => Compatibility::NoSubject,
            Some(Verdict { is_compatible: true, .. }) => Compatibility::Compatible,
            Some(Verdict { messages, .. }) => {
                let reasons = messages.iter().take(MOST_REASONS);
                Compatibility::Incompatible(reasons.map(|message| said(message)).collect())
            }
        })
    }
}

/// Readers in other languages take the four bytes for a signed number.
fn id<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let id = i32::deserialize(from)?;
    u32::try_from(id).map_err(D::Error::custom)
}

fn body(schema: &str) -> String {
    json!({ "schema": schema }).to_string()
}

/// Content of an answer; `None` when it says that there is no such subject, version or schema.
fn found<'a, T: Deserialize<'a>>(answer: &'a Answer, subject: &str) -> Result<Option<T>, Error> {
    let url = || answer.url.clone();
    if (200..300).contains(&answer.status) {
        let value = object(&answer.body);
        return value
            .map(Some)
            .ok_or_else(|| Error::Stranger { url: url(), what: "no such JSON".to_owned() });
    }
    let fault = Fault::read(&answer.body);
    match answer.status {
        404 if fault.code.is_some_and(|code| NO_SUBJECT.contains(&code)) => Ok(None),
        401 | 403 => Err(Error::Denied { url: url(), status: answer.status, said: fault.said() }),
        409 | 422 if fault.is_read_only() => {
            Err(Error::ReadOnly { url: url(), status: answer.status, said: fault.said() })
        }
        409 => Err(Error::Incompatible { subject: subject.to_owned(), said: fault.said() }),
        _ if fault.code.is_some() => Err(refused(answer)),
        status => Err(Error::Stranger { url: url(), what: format!("status {status}") }),
    }
}

fn refused(answer: &Answer) -> Error {
    let said = Fault::read(&answer.body).said();
    Error::Refused { url: answer.url.clone(), status: answer.status, said }
}
