use ureq::{Agent, Body, http::Response};

use crate::{Settings, otlp};

/// Largest answer that is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// Posts spans. No redirect is followed, and no proxy used.
pub(crate) struct Transport {
    agent: Agent,
    url: String,
    headers: Vec<(String, String)>,
}

/// What came of one request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The spans were taken, but for so many.
    Taken { rejected: u64 },
    /// They won't be taken however often they are sent.
    Refused { reason: String },
    /// They may be taken later.
    Failed { reason: String },
}

impl Transport {
    pub(crate) fn new(settings: &Settings) -> Self {
        let agent = Agent::config_builder()
            .tls_config(settings.tls.clone())
            .timeout_global(Some(settings.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("kalends/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, url: settings.url(), headers: settings.headers.clone() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn send(&self, request: &[u8]) -> Outcome {
        let post = self.agent.post(&self.url);
        let post = self.headers.iter().fold(post, |post, (name, value)| post.header(name, value));
        match post.content_type("application/x-protobuf").send(request).and_then(read) {
            Ok((200..300, answer)) => Outcome::Taken { rejected: otlp::rejected(&answer) },
            // What the specification says to send again; and 401 and 403, which somebody will mend.
            Ok((status @ (401 | 403 | 408 | 429 | 500..), _)) => {
                Outcome::Failed { reason: format!("it answers {status}") }
            }
            Ok((status, _)) => Outcome::Refused { reason: format!("it answers {status}") },
            Err(error) => Outcome::Failed { reason: error.to_string() },
        }
    }
}

fn read(mut response: Response<Body>) -> Result<(u16, Vec<u8>), ureq::Error> {
    let body = response.body_mut().with_config().limit(LARGEST).read_to_vec()?;
    Ok((response.status().as_u16(), body))
}
