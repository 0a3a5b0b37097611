use std::time::Duration;

use ureq::{Agent, Body, RequestBuilder, http::Response, tls::TlsConfig};

/// Limits and TLS of requests.
///
/// Has no `Debug`: headers are secrets.
#[derive(Clone)]
pub struct Settings {
    /// Headers of every request: names and values.
    pub headers: Vec<(String, String)>,
    /// TLS for `https`.
    pub tls: TlsConfig,
    /// Longest wait for a connection; `None`: as long as for the answer.
    pub connect_timeout: Option<Duration>,
    /// Longest time from the request to the end of its answer.
    pub timeout: Duration,
    /// Bound of an answer's body, in bytes; one that reaches it is an error.
    pub answer_bound: u64,
}

/// Makes requests. Blocks until there is an answer.
pub struct Client {
    agent: Agent,
    headers: Vec<(String, String)>,
    answer_bound: u64,
}

/// An answer of a server, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// No answer: nobody is there, or it came too late, was too large, or was no HTTP.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ureq::Error);

impl Client {
    /// A client with these settings. Talks to nobody yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let agent = Agent::config_builder()
            .tls_config(settings.tls)
            .timeout_connect(settings.connect_timeout)
            .timeout_global(Some(settings.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("kalends/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, headers: settings.headers, answer_bound: settings.answer_bound }
    }

    /// Asks for what stands at an address.
    ///
    /// # Errors
    /// There is no answer.
    pub fn get(&self, url: &str) -> Result<Answer, Error> {
        self.read(self.with_headers(self.agent.get(url)).call()?)
    }

    /// Sends a body of this content type to an address.
    ///
    /// # Errors
    /// There is no answer; the body may have arrived all the same.
    pub fn post(&self, url: &str, content_type: &str, body: &[u8]) -> Result<Answer, Error> {
        self.read(self.with_headers(self.agent.post(url)).content_type(content_type).send(body)?)
    }

    fn with_headers<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    fn read(&self, mut response: Response<Body>) -> Result<Answer, Error> {
        let body = response.body_mut().with_config().limit(self.answer_bound).read_to_vec()?;
        Ok(Answer { status: response.status().as_u16(), body })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    fn client(answer_bound: u64) -> Client {
        Client::new(Settings {
            headers: vec![("x-team".into(), "crm".into())],
            tls: TlsConfig::default(),
            connect_timeout: None,
            timeout: Duration::from_mins(1),
            answer_bound,
        })
    }

    /// A server that answers one request, and the head of the request that it was sent.
    fn server(answer: &'static str) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        let serve = move || {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let head = lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
            // A client that has read enough goes away.
            stream.write_all(answer.as_bytes()).ok();
            head
        };
        (url, thread::spawn(serve))
    }

    #[test]
    fn a_redirect_is_an_answer_like_any_other_and_headers_go_with_every_request() {
        let (url, served) =
            server("HTTP/1.1 301 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nno");
        assert_eq!(client(3).get(&url).unwrap(), Answer { status: 301, body: b"no".into() });
        let head = served.join().unwrap();
        assert_eq!(head[0], "get /x http/1.1");
        assert!(head.contains(&"x-team: crm".to_owned()), "{head:?}");
    }

    #[test]
    fn an_answer_that_reaches_its_bound_is_none() {
        let (url, served) = server("HTTP/1.1 200 X\r\nconnection: close\r\n\r\nthree");
        assert!(client(5).post(&url, "text/plain", b"").is_err());
        assert!(served.join().unwrap().contains(&"content-type: text/plain".to_owned()));
    }
}
