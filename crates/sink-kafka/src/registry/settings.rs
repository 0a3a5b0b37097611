use std::{path::PathBuf, time::Duration};

use kalends_outgoing::{Tls, TlsFault};
use kalends_sink::Stream;
use kalends_value::words;

/// Settings of a registry and of its use.
///
/// Has no `Debug`: it holds credentials.
#[derive(Clone)]
pub struct Settings {
    /// Base addresses of one registry, without credentials, such as `https://registry:8081`. The first that answers is used.
    pub urls: Vec<String>,
    /// True if the sink registers a schema that the registry doesn't have.
    pub auto_register: bool,
    /// Names of subjects.
    pub subjects: SubjectNameStrategy,
    /// Credential of the client.
    pub credentials: Credentials,
    /// TLS for `https`.
    pub tls: Tls,
    /// The file that ids are kept in; `None` keeps none.
    pub known_ids: Option<PathBuf>,
    /// Longest time for one answer.
    pub timeout: Duration,
}

impl Settings {
    /// The defaults for a registry with these base addresses.
    #[must_use]
    pub fn new(urls: Vec<String>) -> Self {
        Self {
            urls,
            auto_register: false,
            subjects: SubjectNameStrategy::TopicName,
            credentials: Credentials::None,
            tls: Tls::default(),
            known_ids: None,
            timeout: Duration::from_secs(10),
        }
    }

    /// Its addresses as they are written in files and compared.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.urls.iter().map(|url| url.trim_end_matches('/').to_owned()).collect()
    }
}

/// Name of the subject of a topic's values; as in Confluent's clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SubjectNameStrategy {
    #[default]
    /// `TopicNameStrategy`: `<topic>-value`.
    TopicName,
    /// `RecordNameStrategy`: the record's full name.
    RecordName,
    /// `TopicRecordNameStrategy`: `<topic>-<full name>`.
    TopicRecordName,
}

words!(SubjectNameStrategy {
    "topic-name" => TopicName,
    "record-name" => RecordName,
    "topic-record-name" => TopicRecordName,
});

impl SubjectNameStrategy {
    /// The subject of a stream's values.
    #[must_use]
    pub fn of(self, stream: &Stream) -> String {
        let (topic, name) = (&stream.topic, &stream.schema.full_name);
        match self {
            Self::TopicName => format!("{topic}-value"),
            Self::RecordName => name.clone(),
            Self::TopicRecordName => format!("{topic}-{name}"),
        }
    }
}

/// Credential of the client.
#[derive(Clone)]
pub enum Credentials {
    /// Nobody in particular.
    None,
    /// `Authorization: Basic`.
    Basic {
        /// The name, without a colon.
        user: String,
        /// Its password.
        password: String,
    },
    /// `Authorization: Bearer` with this token.
    Bearer(String),
}

/// A registry's settings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct SettingsError {
    /// The key under `schema_registry`, with dots.
    pub key: &'static str,
    /// The fault and its remedy. Never a secret.
    pub message: String,
}

impl SettingsError {
    pub(super) fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self { key, message: message.into() }
    }
}

impl From<TlsFault> for SettingsError {
    fn from(TlsFault { key, message }: TlsFault) -> Self {
        Self { key, message }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kalends_sink::Schema;

    use super::*;

    #[test]
    fn subjects_are_called_as_confluents_clients_call_them() {
        let schema = Schema {
            name: "Test".into(),
            full_name: "rokt.calendar.Test".into(),
            json: "{}".into(),
            fingerprint: 1,
        };
        let stream = Stream { topic: "t".into(), schema: Arc::new(schema) };
        assert_eq!(SubjectNameStrategy::TopicName.of(&stream), "t-value");
        assert_eq!(SubjectNameStrategy::RecordName.of(&stream), "rokt.calendar.Test");
        assert_eq!(SubjectNameStrategy::TopicRecordName.of(&stream), "t-rokt.calendar.Test");
    }
}
