//! Lets requests through to a registry that show one credential, and no others.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use kalends_tests::http::Connection;
use kalends_tests::registry::Registry;

pub(crate) struct Gatekeeper {
    /// Where it stands; with the registry's path.
    pub(crate) url: String,
}

impl Gatekeeper {
    /// Wants this `Authorization`.
    pub(crate) fn new(registry: &Registry, accepted: &'static str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let behind = registry.url().trim_start_matches("http://");
        let (authority, path) = behind.split_once('/').unwrap();
        let url = format!("http://{}/{path}", listener.local_addr()?);
        let authority = authority.to_owned();
        thread::spawn(move || {
            for stream in listener.incoming() {
                // Whoever goes away in the middle asks again.
                stream.and_then(|stream| pass(BufReader::new(stream), &authority, accepted)).ok();
            }
        });
        Ok(Self { url })
    }
}

fn pass(mut stream: BufReader<TcpStream>, authority: &str, accepted: &str) -> io::Result<()> {
    let (mut first, mut length, mut shown) = (String::new(), 0, String::new());
    stream.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "authorization" => value.clone_into(&mut shown),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let (status, answer) = if shown == accepted {
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let headers = [("content-type", "application/vnd.schemaregistry.v1+json")];
        let behind = authority.parse().map_err(io::Error::other)?;
        let answer = Connection::open(behind)?.request(method, target, &headers, &body)?;
        (answer.status, answer.body)
    } else {
        (401, br#"{"error_code":401,"message":"Unauthorized"}"#.to_vec())
    };
    let stream = stream.get_mut();
    write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len())?;
    stream.write_all(&answer)
}
