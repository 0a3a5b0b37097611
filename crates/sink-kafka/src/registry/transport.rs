use std::{cell::Cell, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ureq::{
    Agent, Body,
    http::{Response, header::AUTHORIZATION},
};

use super::{
    error::Error,
    metrics::Requests,
    settings::{Credentials, Settings},
    tls,
};

/// Longest wait for a connection to one address.
const CONNECT: Duration = Duration::from_secs(3);

/// Largest answer that is read, in bytes: far above any schema, and below what could fill the memory.
const LARGEST: u64 = 4 << 20;

const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// Asks the first address that answers. No redirect is followed, and no proxy used.
pub(super) struct Transport {
    agent: Agent,
    urls: Vec<String>,
    authorization: Option<String>,
    /// Index of the address that answered last.
    preferred: Cell<usize>,
    requests: Option<Requests>,
}

/// What an address answered: anything but 5xx and 429.
pub(super) struct Answer {
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Transport {
    pub(super) fn new(settings: &Settings, requests: Option<Requests>) -> Result<Self, Error> {
        let agent = Agent::config_builder()
            .tls_config(tls::config(&settings.tls)?)
            .timeout_connect(Some(CONNECT.min(settings.timeout)))
            .timeout_global(Some(settings.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("kalends/", env!("CARGO_PKG_VERSION")))
            .accept("application/vnd.schemaregistry.v1+json, application/json")
            .build()
            .new_agent();
        let authorization = match &settings.credentials {
            Credentials::None => None,
            Credentials::Basic { user, password } => {
                Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
            }
            Credentials::Bearer(token) => Some(format!("Bearer {token}")),
        };
        Ok(Self { agent, urls: settings.addresses(), authorization, preferred: Cell::new(0), requests })
    }

    pub(super) fn get(&self, path: &str) -> Result<Answer, Error> {
        self.ask(|url| {
            let request = self.agent.get(format!("{url}{path}"));
            let request = self.authorization.iter().fold(request, |r, value| r.header(AUTHORIZATION, value));
            request.call()
        })
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Result<Answer, Error> {
        self.ask(|url| {
            let request = self.agent.post(format!("{url}{path}")).content_type(CONTENT_TYPE);
            let request = self.authorization.iter().fold(request, |r, value| r.header(AUTHORIZATION, value));
            request.send(body)
        })
    }

    fn ask(&self, send: impl Fn(&str) -> Result<Response<Body>, ureq::Error>) -> Result<Answer, Error> {
        let mut reasons = Vec::new();
        for offset in 0..self.urls.len() {
            let index = (self.preferred.get() + offset) % self.urls.len();
            let Some(url) = self.urls.get(index) else { continue };
            match send(url).and_then(read) {
                Ok((status, body)) if status < 500 && status != 429 => {
                    self.preferred.set(index);
                    self.count(|requests| if status < 400 { &requests.answered } else { &requests.refused });
                    return Ok(Answer { url: url.clone(), status, body });
                }
                Ok((status, _)) => reasons.push(format!("{url}: it answers {status}")),
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

fn read(mut response: Response<Body>) -> Result<(u16, Vec<u8>), ureq::Error> {
    let body = response.body_mut().with_config().limit(LARGEST).read_to_vec()?;
    Ok((response.status().as_u16(), body))
}
