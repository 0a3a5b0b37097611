//! Requests on their way: each in a thread of its own, at the destination's pace.

use std::{
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use kalends_outgoing::{Client, Reply, Settings as ClientSettings, Tls};
use kalends_sink::Failure;
use kalends_value::{Reference, Secret};

use crate::{
    answer::{self, Meaning},
    kind::{HttpSettings, place, with_path},
    metrics::Numbers,
    pace::Pace,
    preset::{Auth, Preset},
    round::Request,
    signature::{self, Key},
};

/// Bound of an answer, in bytes.
const ANSWER_BOUND: u64 = 1 << 20;

/// Times that a conflict is met before it counts as a refusal.
const CONFLICTS: u32 = 3;

/// The wait before a request that met a conflict is sent again.
const AFTER_CONFLICT: Duration = Duration::from_millis(200);

/// The outcome of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The request was answered, or is known not to be.
    Known(Meaning),
    /// The request was not sent, since the destination's pace did not allow it in time.
    TooEarly,
}

/// Sends requests to one destination.
pub(crate) struct Sender {
    client: Client,
    preset: &'static Preset,
    method: &'static str,
    url: String,
    /// The address as it may be shown.
    pub(crate) place: String,
    keys: Vec<Key>,
    metrics: Numbers,
    /// Texts that no message may repeat: tokens, and the address's path and query.
    hidden: Vec<String>,
}

impl Sender {
    /// A sender by these settings, with the token as it is now. Talks to nobody yet.
    ///
    /// # Errors
    /// [`Failure::Hold`] when a file can't be read or is none of its kind.
    pub(crate) fn new(
        settings: &HttpSettings,
        preset: &'static Preset,
        metrics: Numbers,
    ) -> Result<Self, Failure> {
        let tls = Tls::from(&settings.tls)
            .read()
            .map_err(|fault| Failure::hold(format!("TLS can't be spoken as configured: {fault}")))?;
        let tokens = settings.token.iter().flat_map(crate::kind::Tokens::all);
        let tokens = tokens.map(current).collect::<Result<Vec<_>, _>>()?;
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let mut keys = Vec::new();
        match (preset.auth, tokens.first()) {
            (Auth::StandardWebhooks, _) => {
                keys = tokens
                    .iter()
                    .map(|token| Key::parse(token))
                    .collect::<Result<_, _>>()
                    .map_err(|fault| Failure::hold(format!("the token can't sign: {fault}")))?;
            }
            (Auth::Bearer, Some(token)) => {
                headers.push(("authorization".to_owned(), format!("Bearer {token}")));
            }
            (Auth::BasicUser, Some(token)) => {
                headers.push((
                    "authorization".to_owned(),
                    format!("Basic {}", STANDARD.encode(format!("{token}:"))),
                ));
            }
            (_, None) => {}
        }
        if let Some(unfit) = tokens.iter().find(|token| !is_header_value(token)).filter(|_| keys.is_empty()) {
            return Err(Failure::hold(format!(
                "the token has {} characters, and among them one that no header can have, such as an end of a line or an accent: \
                 write the token alone to where `token` points",
                unfit.chars().count()
            )));
        }
        let url = settings.url.expose();
        let path = url
            .split_once("://")
            .map_or(url, |(_, rest)| rest)
            .split_once('/')
            .map(|(_, path)| path.to_owned());
        let hidden = tokens.iter().cloned().chain(path).collect();
        let client = ClientSettings {
            headers,
            tls,
            connect_timeout: None,
            timeout: settings.timeout,
            answer_bound: ANSWER_BOUND,
        };
        Ok(Self {
            client: Client::guarded(client, usize::from(settings.in_flight)),
            preset,
            method: "POST",
            url: with_path(settings.url.expose(), &preset.path),
            place: place(settings.url.expose()),
            keys,
            metrics,
            hidden,
        })
    }

    /// Texts that no message may repeat.
    pub(crate) fn hidden(&self) -> &[String] {
        &self.hidden
    }

    /// Sends requests at once, each as soon as the pace allows it and not after `deadline`. Returns what became of each.
    pub(crate) fn send_all(&self, requests: &[Request], pace: &Pace, deadline: Instant) -> Vec<Outcome> {
        if let [request] = requests {
            return vec![self.send(request, pace, deadline)];
        }
        thread::scope(|scope| {
            let send = |request| scope.spawn(move || self.send(request, pace, deadline));
            let threads: Vec<_> = requests.iter().map(send).collect();
            let lost = |_| {
                Outcome::Known(Meaning::Retry {
                    message: "a request came to no end".to_owned(),
                    is_doubt: true,
                })
            };
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(lost)).collect()
        })
    }

    fn send(&self, request: &Request, pace: &Pace, deadline: Instant) -> Outcome {
        if request.is_empty {
            return Outcome::Known(Meaning::Taken(Vec::new()));
        }
        let mut conflicts = 0;
        while pace.take(deadline) {
            let reply = self.once(request);
            let now = Timestamp::now().as_microsecond();
            let meaning = match &reply {
                Ok(reply) => {
                    answer::meaning(&self.place, &self.preset.answers, request, &self.hidden, reply, now)
                }
                Err(error) => answer::no_answer(&self.place, error),
            };
            if let Some(pause) = reply.as_ref().ok().and_then(|reply| answer::exhausted(reply, now)) {
                pace.exhausted(pause);
            }
            match meaning {
                Meaning::Pace(pause) => pace.complained(pause),
                Meaning::Conflict(message) => {
                    conflicts += 1;
                    if conflicts == CONFLICTS {
                        return Outcome::Known(Meaning::Refused { status: 409, message });
                    }
                    thread::sleep(AFTER_CONFLICT);
                }
                other => {
                    if reply.is_ok() {
                        pace.taken();
                    }
                    return Outcome::Known(other);
                }
            }
        }
        Outcome::TooEarly
    }

    fn once(&self, request: &Request) -> Result<Reply, kalends_outgoing::Error> {
        let seconds = Timestamp::now().as_second();
        let mut headers = request.headers.clone();
        if !self.keys.is_empty() {
            headers.extend(signature::headers(&self.keys, &request.id, seconds, &request.body));
        }
        self.exchange(&headers, &request.body)
    }

    fn exchange(&self, headers: &[(String, String)], body: &[u8]) -> Result<Reply, kalends_outgoing::Error> {
        let begun = Instant::now();
        let sent = self.client.send(&kalends_outgoing::Request {
            method: self.method,
            url: &self.url,
            headers,
            body,
        });
        self.metrics.request_seconds.observe(begun.elapsed().as_secs_f64());
        self.metrics.answered(sent.as_ref().ok().map(|reply| reply.status));
        sent
    }

    /// Sends the request that proves the credential and changes nothing; `None` where the destination has none.
    pub(crate) fn probe(&self) -> Option<Result<Reply, kalends_outgoing::Error>> {
        let probe = self.preset.probe.as_ref()?;
        Some(self.exchange(&[], probe.body.to_string().as_bytes()))
    }
}

/// A token as it is now: one in a file may have been replaced.
fn current(token: &Secret) -> Result<String, Failure> {
    let Reference::File(_) = token.reference() else { return Ok(token.expose().to_owned()) };
    let mut token = token.clone();
    token.resolve(&|_| None).map_err(Failure::hold)?;
    Ok(token.expose().to_owned())
}

/// Tells whether a text can stand in a header of a request.
pub(crate) fn is_header_value(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
