use std::time::Duration;

use kalends_outgoing::Tls;
use kalends_value::{ClientTls, Path, Secret, Text, duration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registry::{self, Credentials, SubjectNameStrategy};

/// The schema registry of a Kafka sink.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SchemaRegistry")]
pub struct RegistrySettings {
    /// Base addresses of one registry, with commas between; the first that answers is used. Since 0.1.
    pub url: String,
    /// Registers schemas that the registry doesn't have. Default false. Since 0.1.
    #[serde(default)]
    pub auto_register: bool,
    /// Names of subjects. Default `topic-name`. Since 0.1.
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
    /// TLS for https. Since 0.1.
    #[serde(default)]
    pub tls: ClientTls,
    /// Longest time for one answer. Default 10 s. Since 0.1.
    #[serde(default = "timeout", with = "duration")]
    #[schemars(with = "duration::Written")]
    pub timeout: Duration,
}

fn timeout() -> Duration {
    Duration::from_secs(10)
}

impl RegistrySettings {
    /// The client's settings. Ids are kept nowhere.
    pub(crate) fn for_client(&self) -> registry::Settings {
        registry::Settings {
            auto_register: self.auto_register,
            subjects: self.subject_name_strategy,
            credentials: match (&self.username, &self.token) {
                (Some(user), _) => Credentials::Basic {
                    user: user.expose().to_owned(),
                    password: self.password.as_ref().map(Secret::expose).unwrap_or_default().to_owned(),
                },
                (None, Some(token)) => Credentials::Bearer(token.expose().to_owned()),
                (None, None) => Credentials::None,
            },
            tls: Tls::from(&self.tls),
            timeout: self.timeout,
            ..registry::Settings::new(self.url.split(',').map(|url| url.trim().to_owned()).collect())
        }
    }

    /// Every secret, and where it stands.
    pub(crate) fn secrets(&mut self) -> Vec<(Path, &mut Secret)> {
        let username = match &mut self.username {
            Some(Text::Secret(secret)) => Some(secret),
            _ => None,
        };
        let at = |key: &str| Path::keys(&[key]);
        [
            (at("username"), username),
            (at("password"), self.password.as_mut()),
            (at("token"), self.token.as_mut()),
            (at("tls").key("key"), self.tls.key.as_mut()),
        ]
        .into_iter()
        .filter_map(|(at, secret)| Some((at, secret?)))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_of_a_registry_asks_each_address_with_the_credentials() {
        let mut settings = RegistrySettings {
            url: "https://a, https://b/apis/ccompat/v7".to_owned(),
            auto_register: true,
            subject_name_strategy: SubjectNameStrategy::RecordName,
            username: None,
            password: None,
            token: None,
            tls: ClientTls::default(),
            timeout: timeout(),
        };
        assert!(matches!(settings.for_client().credentials, Credentials::None));
        settings.username = Some(Text::Plain("kalends".to_owned()));
        let client = settings.for_client();
        assert_eq!(client.urls, ["https://a", "https://b/apis/ccompat/v7"]);
        assert!(client.auto_register && client.subjects == SubjectNameStrategy::RecordName);
        assert!(matches!(client.credentials, Credentials::Basic { user, .. } if user == "kalends"));
    }
}
