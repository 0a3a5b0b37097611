use std::time::Duration;

use ureq::{
    Agent, Body, RequestBuilder, config::ConfigBuilder, http::Response, tls::TlsConfig,
    typestate::AgentScope, unversioned::transport::DefaultConnector,
};

use crate::{Error, Reply, Request, resolver::NoLinkLocal};

/// How long a connection is kept without a request: less than servers keep theirs, since a request on one that the server closes has
/// no answer.
const MAX_IDLE: Duration = Duration::from_secs(4);

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

impl Client {
    /// A client with these settings. Talks to nobody yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let agent = config(&settings).build().new_agent();
        Self { agent, headers: settings.headers, answer_bound: settings.answer_bound }
    }

    /// A client that keeps so many connections for later requests, and goes to no link-local address. Talks to nobody yet.
    #[must_use]
    pub fn guarded(settings: Settings, connections: usize) -> Self {
        let config = config(&settings)
            .max_idle_connections(connections)
            .max_idle_connections_per_host(connections)
            .max_idle_age(MAX_IDLE)
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), NoLinkLocal::default());
        Self { agent, headers: settings.headers, answer_bound: settings.answer_bound }
    }

    /// Sends a request, and reads its answer up to the bound.
    ///
    /// # Errors
    /// There is no answer; [`Error::reach`] says whether the request may have arrived.
    pub fn send(&self, request: &Request<'_>) -> Result<Reply, Error> {
        let own = self.headers.iter().chain(request.headers);
        let built = ureq::http::Request::builder().method(request.method).uri(request.url);
        let built = own.fold(built, |built, (name, value)| built.header(name, value));
        let response = if request.method == "GET" {
            self.agent.run(built.body(()).map_err(ureq::Error::from)?)
        } else {
            self.agent.run(built.body(request.body).map_err(ureq::Error::from)?)
        };
        Ok(Reply::read(response?, self.answer_bound))
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

fn config(settings: &Settings) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .tls_config(settings.tls.clone())
        .timeout_connect(settings.connect_timeout)
        .timeout_global(Some(settings.timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("kalends/", env!("CARGO_PKG_VERSION")))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        thread,
    };

    use super::*;
    use crate::Reach;

    fn client_settings(answer_bound: u64) -> Settings {
        Settings {
            headers: vec![("x-team".into(), "crm".into())],
            tls: TlsConfig::default(),
            connect_timeout: None,
            timeout: Duration::from_mins(1),
            answer_bound,
        }
    }

    fn client(answer_bound: u64) -> Client {
        Client::new(client_settings(answer_bound))
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

    fn request<'a>(url: &'a str, headers: &'a [(String, String)]) -> Request<'a> {
        Request { method: "PATCH", url, headers, body: b"{}" }
    }

    #[test]
    fn a_request_has_headers_of_its_own_and_its_answer_is_read_up_to_the_bound() {
        let (url, served) = server("HTTP/1.1 207 X\r\nRetry-After: 7\r\nconnection: close\r\n\r\nthree");
        let headers = [("webhook-id".to_owned(), "7".to_owned())];
        let reply = Client::guarded(client_settings(3), 1).send(&request(&url, &headers)).unwrap();
        assert_eq!((reply.status, reply.header("retry-after"), reply.is_whole), (207, Some("7"), false));
        assert_eq!(reply.body, b"thr");
        let head = served.join().unwrap();
        assert_eq!(head[0], "patch /x http/1.1");
        assert!(
            head.contains(&"webhook-id: 7".to_owned()) && head.contains(&"x-team: crm".to_owned()),
            "{head:?}"
        );
    }

    #[test]
    fn an_answer_that_breaks_off_has_still_a_status() {
        let (url, served) = server("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf");
        let reply = Client::guarded(client_settings(100), 1).send(&request(&url, &[])).unwrap();
        assert_eq!((reply.status, reply.is_whole), (200, false));
        served.join().unwrap();
    }

    #[test]
    fn what_has_not_arrived_is_told_from_what_may_have() {
        let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let reach = |url: &str| {
            Client::guarded(client_settings(9), 1).send(&request(url, &[])).map(drop).unwrap_err().reach()
        };
        assert_eq!(reach(&format!("http://{unused}/")), Reach::Never);
        assert_eq!(reach("http://169.254.169.254/latest"), Reach::LinkLocal);
        let (url, served) = server("");
        assert_eq!(reach(&url), Reach::Maybe);
        served.join().unwrap();
    }

    #[test]
    fn an_answer_that_reaches_its_bound_is_none() {
        let (url, served) = server("HTTP/1.1 200 X\r\nconnection: close\r\n\r\nthree");
        assert!(client(5).post(&url, "text/plain", b"").is_err());
        assert!(served.join().unwrap().contains(&"content-type: text/plain".to_owned()));
    }
}
