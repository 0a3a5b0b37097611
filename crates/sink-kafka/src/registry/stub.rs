//! A registry of a few lines for tests: it answers what it is told to, and remembers what it was asked.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Answers to a method and path: a status and a body.
type Answers = dyn Fn(&str, &str) -> (u16, String) + Send + Sync;

pub(super) struct Stub {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Method and path, such as `GET /subjects`.
    pub(super) line: String,
    pub(super) authorization: Option<String>,
    pub(super) body: String,
}

impl Stub {
    /// Answers each request, given its line and body, on a connection that is then closed.
    pub(super) fn new(answers: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::start("http", Ok, answers)
    }

    /// Starts one that speaks TLS.
    pub(super) fn secured(
        tls: Arc<ServerConfig>,
        answers: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let wrap = move |stream| {
            let session = ServerConnection::new(Arc::clone(&tls)).map_err(io::Error::other)?;
            Ok(StreamOwned::new(session, stream))
        };
        Self::start("https", wrap, answers)
    }

    fn start<S: Read + Write>(
        scheme: &str,
        wrap: impl Fn(TcpStream) -> io::Result<S> + Send + 'static,
        answers: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{}/apis/ccompat/v7", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answers): (_, Box<Answers>) = (Arc::clone(&asked), Box::new(answers));
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that goes away is no fault of the stub.
                let stream = wrap(stream.unwrap());
                stream.and_then(|stream| serve(BufReader::new(stream), &seen, &*answers)).ok();
            }
        });
        Self { url, asked }
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve<S: Read + Write>(
    mut stream: BufReader<S>,
    seen: &Mutex<Vec<Request>>,
    answers: &Answers,
) -> io::Result<()> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? <= 2 {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        let named = |line: &&String| line.to_lowercase().starts_with(&format!("{name}:"));
        head.iter().find(named).and_then(|line| line.split_once(": ")).map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let line = head.first().cloned().unwrap_or_default();
    let line = line.trim_end_matches(" HTTP/1.1").replace("/apis/ccompat/v7", "");
    let body = String::from_utf8(body).unwrap();
    let (status, answer) = answers(&line, &body);
    seen.lock().unwrap().push(Request { line, authorization: header("authorization"), body });
    let length = answer.len();
    write!(
        stream.get_mut(),
        "HTTP/1.1 {status} x\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
    )?;
    stream.get_mut().flush()
}
