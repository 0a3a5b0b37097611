//! One HTTP/1.1 connection that is kept alive.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Longest time that an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// A connection to one listener.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
}

/// What was answered.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of this name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request with these headers and body, and reads its answer.
    ///
    /// # Errors
    /// The connection broke before the answer had come: whether the request was served is then unknown.
    pub fn request(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n").into_bytes();
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n")?;
        }
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            write!(request, "content-length: {}\r\n", body.len())?;
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body);
        self.send(&request)
    }

    /// Sends these bytes as they are, and reads one answer.
    ///
    /// # Errors
    /// The connection broke before the answer had come.
    pub fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.begin(request)?;
        self.answer()
    }

    /// Sends the first bytes of a request; [`Connection::send`] sends the others.
    ///
    /// # Errors
    /// The connection broke.
    pub fn begin(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| broken(format!("no status line: {status_line:?}")))?;
        let mut answer = Answer { status, ..Answer::default() };
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            answer.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = answer.header("content-length").map(str::parse::<usize>);
        match length {
            Some(length) => {
                answer.body = vec![0; length.map_err(|e| broken(e.to_string()))?];
                self.stream.read_exact(&mut answer.body)?;
            }
            None if answer.header("transfer-encoding").is_some() => self.chunks(&mut answer.body)?,
            None => {}
        }
        Ok(answer)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let size = self.line()?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(|e| broken(e.to_string()))?;
            let mut chunk = vec![0; size];
            self.stream.read_exact(&mut chunk)?;
            body.append(&mut chunk);
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

fn broken(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
