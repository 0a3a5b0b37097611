use kalends_outgoing::{Answer, Client};

use crate::{Settings, otlp};

/// Largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// Posts spans.
pub(crate) struct Transport {
    client: Client,
    url: String,
}

/// The outcome of one request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The spans were taken, but for so many.
    Taken { rejected: u64 },
    /// The spans won't be taken however often they are sent.
    Refused { reason: String },
    /// The spans may be taken later.
    Failed { reason: String },
}

impl Transport {
    pub(crate) fn new(settings: &Settings) -> Self {
        let client = Client::new(kalends_outgoing::Settings {
            headers: settings.headers.clone(),
            tls: settings.tls.clone(),
            connect_timeout: None,
            timeout: settings.timeout,
            answer_bound: MAX_ANSWER_BYTES,
        });
        Self { client, url: settings.url() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn send(&self, request: &[u8]) -> Outcome {
        match self.client.post(&self.url, "application/x-protobuf", request) {
            Ok(Answer { status: 200..300, body }) => Outcome::Taken { rejected: otlp::rejected(&body) },
            // What the specification says to send again; and 401 and 403, which somebody will mend.
            Ok(Answer { status: status @ (401 | 403 | 408 | 429 | 500..), .. }) => {
                Outcome::Failed { reason: format!("it answers {status}") }
            }
            Ok(Answer { status, .. }) => Outcome::Refused { reason: format!("it answers {status}") },
            Err(error) => Outcome::Failed { reason: error.to_string() },
        }
    }
}
