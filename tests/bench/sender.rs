use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep},
};

/// Pause before what was refused is sent again.
const PAUSE: Duration = Duration::from_millis(100);

/// How long one event may be refused.
const PATIENCE: Duration = Duration::from_mins(2);

/// One keep-alive connection at a time, which sends again what was not answered 200, as the real sender does.
///
/// A disk that stalls for longer than `listen.append_timeout` makes the daemon refuse; that must not end a measurement of many
/// minutes. It is told, because it spoils the figures of what it falls into.
#[derive(Debug)]
pub(crate) struct Sender {
    target: SocketAddr,
    stream: Option<TcpStream>,
    answer: Vec<u8>,
    /// Of all senders of a load.
    refused: Arc<AtomicU32>,
}

impl Sender {
    /// `refused` counts what was sent again.
    pub(crate) fn new(target: SocketAddr, refused: Arc<AtomicU32>) -> Self {
        Self { target, stream: None, answer: Vec::new(), refused }
    }

    /// Sends one request until it is answered 200. Returns how long the last attempt took.
    ///
    /// # Errors
    /// It never is.
    pub(crate) async fn deliver(&mut self, request: &[u8]) -> anyhow::Result<Duration> {
        let began = Instant::now();
        loop {
            let sent = Instant::now();
            let Err(refused) = self.attempt(request).await else { return Ok(sent.elapsed()) };
            self.stream = None;
            ensure!(began.elapsed() < PATIENCE, "refused for {PATIENCE:?}: {refused:#}");
            if self.refused.fetch_add(1, Ordering::Relaxed) == 0 {
                writeln!(std::io::stderr(), "sent again, after {:?}: {refused:#}", sent.elapsed())?;
            }
            sleep(PAUSE).await;
        }
    }

    async fn attempt(&mut self, request: &[u8]) -> anyhow::Result<()> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            closed => {
                let stream = TcpStream::connect(self.target).await.context("can't connect")?;
                stream.set_nodelay(true)?;
                closed.insert(stream)
            }
        };
        stream.write_all(request).await?;
        self.answer.clear();
        while !is_whole(&self.answer) {
            let read = stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "closed after {:?}", String::from_utf8_lossy(&self.answer));
        }
        if !self.answer.starts_with(b"HTTP/1.1 200 ") {
            bail!("answered {:?}", String::from_utf8_lossy(&self.answer));
        }
        Ok(())
    }
}

/// Whether head and body of an answer have come.
fn is_whole(answer: &[u8]) -> bool {
    const END: &[u8] = b"\r\n\r\n";
    // Nearly every answer: without a body.
    if answer.starts_with(b"HTTP/1.1 200 ") {
        return answer.ends_with(END);
    }
    let Some(head) = answer.windows(END.len()).position(|bytes| bytes == END) else { return false };
    let (head, body) = answer.split_at(head + END.len());
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_body() {
        let refusal = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nbusy\n";
        assert!(is_whole(refusal) && !is_whole(&refusal[..refusal.len() - 1]) && !is_whole(&refusal[..20]));
        assert!(is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
        assert!(!is_whole(b"HTTP/1.1 200 OK\r\n"));
    }
}
