use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::ensure;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::Builder,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{answers::Answers, request::Request};

/// Events sent over keep-alive connections, each of which waits for an answer before it sends the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) target: SocketAddr,
    pub(crate) connections: u32,
    /// The number of the first event.
    pub(crate) first: u32,
    pub(crate) events: u32,
    /// Events a second; as many as there can be unless set.
    pub(crate) rate: Option<u32>,
}

impl Load {
    /// Sends everything. One thread is enough, and leaves the rest of the machine to whom is measured.
    ///
    /// # Errors
    /// A connection breaks, or an answer is not 200.
    pub(crate) fn send(self, request: &Request) -> anyhow::Result<Answers> {
        Builder::new_current_thread().enable_all().build()?.block_on(self.send_all(request))
    }

    async fn send_all(self, request: &Request) -> anyhow::Result<Answers> {
        let next = Arc::new(AtomicU32::new(0));
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for _ in 0..self.connections {
            senders.spawn(self.send_some(request.clone(), Arc::clone(&next), began));
        }
        let mut latencies = Vec::new();
        while let Some(sent) = senders.join_next().await {
            latencies.append(&mut sent??);
        }
        Ok(Answers::new(latencies, began.elapsed()))
    }

    async fn send_some(
        self,
        mut request: Request,
        next: Arc<AtomicU32>,
        began: Instant,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut stream = TcpStream::connect(self.target).await?;
        stream.set_nodelay(true)?;
        let (mut latencies, mut answer) = (Vec::new(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.events {
                return Ok(latencies);
            }
            if let Some(rate) = self.rate {
                sleep_until(began + Duration::from_secs(1) / rate * number).await;
            }
            let sent = Instant::now();
            stream.write_all(request.with(self.first + number)).await?;
            answer.clear();
            while !answer.ends_with(b"\r\n\r\n") {
                ensure!(stream.read_buf(&mut answer).await? > 0, "a connection was closed");
            }
            latencies.push(sent.elapsed());
            ensure!(answer.starts_with(b"HTTP/1.1 200 "), "not 200: {}", String::from_utf8_lossy(&answer));
        }
    }
}
