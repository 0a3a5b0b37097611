use std::{path::PathBuf, time::Duration};

use kalends_sink_kafka::registry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{Secret, Text, duration, keyword::keywords};

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

/// TLS towards a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientTls {
    /// File with the authorities, in PEM, that may have signed the server's certificate. Default: those of the system.
    /// Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// File with a client certificate and those that lead to its authority, in PEM. Default: none. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM. A reference only. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
}

impl ClientTls {
    /// The same as clients want it.
    pub(crate) fn client(&self) -> registry::Tls {
        let identity = |certificate| registry::Identity { certificate, key: expose(self.key.as_ref()) };
        registry::Tls { ca: self.ca.clone(), identity: self.certificate.clone().map(identity) }
    }
}

fn expose(secret: Option<&Secret>) -> String {
    secret.map(|secret| secret.expose().to_owned()).unwrap_or_default()
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

keywords!(SubjectNameStrategy {
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
                    password: expose(self.password.as_ref()),
                },
                (None, Some(token)) => registry::Credentials::Bearer(token.expose().to_owned()),
                (None, None) => registry::Credentials::None,
            },
            tls: self.tls.client(),
            timeout: self.timeout,
            ..registry::Settings::new(self.url.split(',').map(|url| url.trim().to_owned()).collect())
        }
    }
}
