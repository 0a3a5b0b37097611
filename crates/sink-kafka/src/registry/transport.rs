use std::{cell::Cell, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kalends_outgoing::{self as outgoing, Client};

use super::{
    error::Error,
    metrics::Requests,
    settings::{Credentials, Settings, SettingsError},
};

/// Longest wait for a connection to one address.
const CONNECT: Duration = Duration::from_secs(3);

/// Largest answer that is read, in bytes: far above any schema, and below what could fill the memory.
const LARGEST: u64 = 4 << 20;

const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const ACCEPT: &str = "application/vnd.schemaregistry.v1+json, application/json";

/// Asks the first address that answers.
pub(super) struct Transport {
    client: Client,
    urls: Vec<String>,
    /// Index of the address that answered last.
    preferred: Cell<usize>,
    requests: Option<Requests>,
}

/// Answer of an address: anything but 5xx and 429.
pub(super) struct Answer {
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Transport {
    pub(super) fn new(settings: &Settings, requests: Option<Requests>) -> Result<Self, Error> {
        let authorization = match &settings.credentials {
            Credentials::None => None,
            Credentials::Basic { user, password } => {
                Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
            }
            Credentials::Bearer(token) => Some(format!("Bearer {token}")),
        };
        let authorization = authorization.map(|value| ("authorization".to_owned(), value));
        let accept = ("accept".to_owned(), ACCEPT.to_owned());
        let client = Client::new(outgoing::Settings {
            headers: [accept].into_iter().chain(authorization).collect(),
            tls: settings.tls.read().map_err(SettingsError::from)?,
            connect_timeout: Some(CONNECT.min(settings.timeout)),
            timeout: settings.timeout,
            answer_bound: LARGEST,
        });
        Ok(Self { client, urls: settings.addresses(), preferred: Cell::new(0), requests })
    }

    pub(super) fn get(&self, path: &str) -> Result<Answer, Error> {
        self.ask(|url| self.client.get(&format!("{url}{path}")))
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Result<Answer, Error> {
        self.ask(|url| self.client.post(&format!("{url}{path}"), CONTENT_TYPE, body.as_bytes()))
    }

    fn ask(&self, send: impl Fn(&str) -> Result<outgoing::Answer, outgoing::Error>) -> Result<Answer, Error> {
        let mut reasons = Vec::new();
        for offset in 0..self.urls.len() {
            let index = (self.preferred.get() + offset) % self.urls.len();
            let Some(url) = self.urls.get(index) else { continue };
            match send(url) {
                Ok(outgoing::Answer { status, body }) if status < 500 && status != 429 => {
                    self.preferred.set(index);
                    self.count(|requests| if status < 400 { &requests.answered } else { &requests.refused });
                    return Ok(Answer { url: url.clone(), status, body });
                }
                Ok(answer) => reasons.push(format!("{url}: it answers {}", answer.status)),
                Err(error) => reasons.push(format!("{url}: {error}")),
            }
            self.count(|requests| &requests.failed);
        }
        Err(Error::Silent { reasons: reasons.join("; ") })
    }

    fn count(&self, which: impl Fn(&Requests) -> &prometheus::IntCounter) {
        if let Some(requests) = &self.requests {
            which(requests).inc();
        }
    }
}
