use std::{path::PathBuf, time::Duration};

use kalends_sink::Stream;

use super::tls;

/// Which registry, and how it is used.
///
/// Has no `Debug`: it holds credentials.
#[derive(Clone)]
pub struct Settings {
    /// Base addresses of one registry, without credentials, such as `https://registry:8081`. The first that answers is used.
    pub urls: Vec<String>,
    /// Whether a schema that the registry doesn't have is registered by the sink.
    pub auto_register: bool,
    /// What subjects are called.
    pub subjects: Subjects,
    /// Who asks.
    pub credentials: Credentials,
    /// How `https` is spoken.
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
            subjects: Subjects::TopicName,
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

/// What the subject of a topic's values is called; names as in Confluent's clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subjects {
    /// `TopicNameStrategy`: `<topic>-value`.
    TopicName,
    /// `RecordNameStrategy`: the record's full name.
    RecordName,
    /// `TopicRecordNameStrategy`: `<topic>-<full name>`.
    TopicRecordName,
}

impl Subjects {
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

/// Who asks.
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

/// How `https` is spoken.
#[derive(Clone, Default)]
pub struct Tls {
    /// File with the authorities in PEM that may have signed the registry's certificate; those of the system unless set.
    pub ca: Option<PathBuf>,
    /// What the client shows of itself.
    pub identity: Option<Identity>,
}

/// A client's certificate and key.
#[derive(Clone)]
pub struct Identity {
    /// File with the certificate and those that lead to its authority, in PEM.
    pub certificate: PathBuf,
    /// The private key, in PEM.
    pub key: String,
}

/// A registry's settings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct SettingsError {
    /// The key under `schema_registry`, with dots.
    pub key: &'static str,
    /// What is wrong and what to do. Never a secret.
    pub message: String,
}

impl SettingsError {
    pub(super) fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self { key, message: message.into() }
    }
}

/// Everything that is wrong with the settings. Reads the files that they name, and talks to nobody.
#[must_use]
pub fn check(settings: &Settings) -> Vec<SettingsError> {
    let mut faults: Vec<_> = settings.urls.iter().filter_map(|url| fault(url)).collect();
    if settings.urls.is_empty() {
        faults.push(SettingsError::new("url", "write the registry's address, such as http://localhost:8081"));
    }
    let is_secure = settings.urls.iter().any(|url| url.starts_with("https://"));
    if !is_secure && (settings.tls.ca.is_some() || settings.tls.identity.is_some()) && faults.is_empty() {
        faults
            .push(SettingsError::new("tls", "no url begins with https://, so nothing of this would be used"));
    }
    match &settings.credentials {
        Credentials::Basic { user, .. } if user.contains(':') => {
            faults.push(SettingsError::new("username", "a name for Basic authentication has no colon"));
        }
        Credentials::Bearer(token) if !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            faults.push(SettingsError::new(
                "token",
                "the token has white space or another character that is not visible ASCII",
            ));
        }
        _ => {}
    }
    faults.extend(tls::config(&settings.tls).err());
    faults
}

fn fault(url: &str) -> Option<SettingsError> {
    let wrong = |message: &str| Some(SettingsError::new("url", message));
    // The address itself is not repeated: there may be a password in it.
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return wrong(
            "an address begins with http:// or https://; write one such as http://localhost:8081, with commas between several",
        );
    };
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return wrong(
            "credentials are never written in an address; leave them out, and set username and password",
        );
    }
    if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
        return wrong("a base address has no white space, `?` or `#`; leave them out");
    }
    let has_port = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let is_port = has_port.is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    if authority.is_empty() || !is_port || url.parse::<ureq::http::Uri>().is_err() {
        return wrong("this is no address; write one such as http://localhost:8081");
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kalends_sink::Schema;

    use super::*;

    fn faults(urls: &[&str]) -> Vec<SettingsError> {
        check(&Settings::new(urls.iter().map(|url| (*url).to_owned()).collect()))
    }

    #[test]
    fn subjects_are_called_as_confluents_clients_call_them() {
        let schema = Schema {
            name: "Test".into(),
            full_name: "rokt.calendar.Test".into(),
            json: "{}".into(),
            fingerprint: 1,
        };
        let stream = Stream { topic: "t".into(), schema: Arc::new(schema) };
        assert_eq!(Subjects::TopicName.of(&stream), "t-value");
        assert_eq!(Subjects::RecordName.of(&stream), "rokt.calendar.Test");
        assert_eq!(Subjects::TopicRecordName.of(&stream), "t-rokt.calendar.Test");
    }

    #[test]
    fn an_address_that_no_request_could_go_to_is_refused_without_repeating_it() {
        for url in
            ["", "x", "localhost:8081", "http://", "http:///x", "http://a b", "http://a?b", "http://a:b"]
        {
            assert_eq!(faults(&[url]).len(), 1, "{url}");
        }
        let fault = &faults(&["https://kalends:hunter2@registry:8081"])[0];
        assert!(fault.to_string().contains("username") && !fault.to_string().contains("hunter2"), "{fault}");
        assert_eq!(faults(&["http://[::1]:8081/apis/ccompat/v7/", "https://registry"]), []);
    }

    #[test]
    fn tls_that_could_never_be_spoken_is_refused() {
        let mut settings = Settings::new(vec!["http://a".into()]);
        settings.tls.ca = Some("nowhere.pem".into());
        let keys: Vec<_> = check(&settings).iter().map(|fault| fault.key).collect();
        assert_eq!(keys, ["tls", "tls.ca"]);
    }
}
