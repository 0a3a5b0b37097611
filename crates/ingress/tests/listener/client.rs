use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
};

use crate::daemon::{DEADLINE, PATH, TOKEN};

/// A client that can misbehave: it writes what it is told to.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Sends as much as the other end takes.
    pub(crate) fn send_at_will(&mut self, bytes: &[u8]) {
        self.takes(bytes);
    }

    /// Returns whether the other end takes all of it.
    pub(crate) fn takes(&mut self, bytes: &[u8]) -> bool {
        self.stream.get_mut().write_all(bytes).is_ok()
    }

    pub(crate) fn close_sending_half(&mut self) {
        self.stream.get_mut().shutdown(Shutdown::Write).unwrap();
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "closed after {lines:?}");
            let line = line.trim_end().to_owned();
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines[1..]
            .iter()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: String::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// Sends the bytes and reads one answer.
    pub(crate) fn exchange(&mut self, bytes: impl AsRef<[u8]>) -> Answer {
        self.send(bytes);
        self.answer()
    }

    /// Returns whether the other end closes without another byte.
    pub(crate) fn is_closed(&mut self) -> bool {
        match self.stream.read(&mut [0]) {
            Ok(0) => true,
            Ok(_) => false,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

/// A POST with these header lines, none of its own but `Host`.
pub(crate) fn post(target: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    request("POST", target, headers, body)
}

pub(crate) fn request(method: &str, target: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let first = format!("{method} {target} HTTP/1.1");
    let lines = [&[first.as_str(), "Host: kalends"], headers, &["", ""]].concat();
    let mut bytes = lines.join("\r\n").into_bytes();
    bytes.extend_from_slice(body.as_ref());
    bytes
}

/// A POST as it should be.
pub(crate) fn webhook(body: impl AsRef<[u8]>) -> Vec<u8> {
    post(&target(), &[&length(&body)], body)
}

pub(crate) fn target() -> String {
    format!("{PATH}?token={TOKEN}")
}

pub(crate) fn length(body: &impl AsRef<[u8]>) -> String {
    format!("Content-Length: {}", body.as_ref().len())
}
