use std::time::Duration;

use kalends_sink_kafka::registry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use kalends_value::{ClientTls, Secret, Text, duration, words};

/// The schema registry of a Kafka sink.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaRegistry {
    /// Base addresses of one registry, with commas between; the first that answers is used. Since 0.1.
    pub url: String,
    /// Whether the sink registers schemas that the registry doesn't have. Default false. Since 0.1.
    #[serde(default)]
    pub auto_register: bool,
    /// What subjects are called. Default `topic-name`. Since 0.1.
    #[serde(default)]
    pub subject_name_strategy: SubjectNameStrategy,
    /// Name for Basic authentication. Default: none. Since 0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Text>,
    /// Password for Basic authentication. Default: none. Since 0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Token for Bearer authentication. Default: none. Since 0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// How https is spoken. Since 0.1.
    #[serde(default)]
    pub tls: ClientTls,
    /// Longest time for one answer. Default 10 s. Since 0.1.
    #[serde(default = "timeout", with = "duration")]
    #[schemars(with = "duration::Written")]
    pub timeout: Duration,
}

/// What the subject of a topic's values is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SubjectNameStrategy {
    /// `<topic>-value`.
    #[default]
    TopicName,
    /// The record's full name.
    RecordName,
    /// `<topic>-<the record's full name>`.
    TopicRecordName,
}

words!(SubjectNameStrategy {
    "topic-name" => TopicName,
    "record-name" => RecordName,
    "topic-record-name" => TopicRecordName,
});

fn timeout() -> Duration {
    Duration::from_secs(10)
}

impl SchemaRegistry {
    /// The same as the sink wants it. Ids are kept nowhere.
    #[must_use]
    pub fn sink_settings(&self) -> registry::Settings {
        registry::Settings {
            auto_register: self.auto_register,
            subjects: match self.subject_name_strategy {
                SubjectNameStrategy::TopicName => registry::Subjects::TopicName,
                SubjectNameStrategy::RecordName => registry::Subjects::RecordName,
                SubjectNameStrategy::TopicRecordName => registry::Subjects::TopicRecordName,
            },
            credentials: match (&self.username, &self.token) {
                (Some(user), _) => registry::Credentials::Basic {
                    user: user.expose().to_owned(),
                    password: self.password.as_ref().map(Secret::expose).unwrap_or_default().to_owned(),
                },
                (None, Some(token)) => registry::Credentials::Bearer(token.expose().to_owned()),
                (None, None) => registry::Credentials::None,
            },
            tls: kalends_outgoing::Tls::from(&self.tls),
            timeout: self.timeout,
            ..registry::Settings::new(self.url.split(',').map(|url| url.trim().to_owned()).collect())
        }
    }
}
