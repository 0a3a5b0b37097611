//! An HTTP server that answers what a test wants and remembers what came.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// One request and how it was answered.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) status: u16,
}

impl Request {
    pub(crate) fn event(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Serves until the test process ends.
pub(crate) struct Receiver {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    /// Answers the request of each number, the first being 0, with the status that `status` gives.
    pub(crate) fn start(status: impl Fn(usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (status, seen) = (Arc::new(status), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (status, seen) = (Arc::clone(&status), Arc::clone(&seen));
                thread::spawn(move || serve(&stream.unwrap(), status.as_ref(), &seen));
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/webhooks/rokt", self.port)
    }

    /// What came so far, in the order of the answers.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, status: &impl Fn(usize) -> u16, seen: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let mut seen = seen.lock().unwrap();
        let status = status(seen.len());
        seen.push(Request { head, body, status });
        let length = if status == 204 { "" } else { "content-length: 0\r\n" };
        write!(&*stream, "HTTP/1.1 {status} x\r\n{length}\r\n").unwrap();
    }
}
