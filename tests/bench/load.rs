use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Builder,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{answers::Answers, request::Request, sender::Sender};

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
    /// An event is never answered 200.
    pub(crate) fn send(self, request: &Request) -> anyhow::Result<Answers> {
        Builder::new_current_thread().enable_all().build()?.block_on(self.send_all(request))
    }

    async fn send_all(self, request: &Request) -> anyhow::Result<Answers> {
        let (next, refused) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for _ in 0..self.connections {
            let sender = Sender::new(self.target, Arc::clone(&refused));
            senders.spawn(self.send_some(sender, request.clone(), Arc::clone(&next), began));
        }
        let mut latencies = Vec::new();
        while let Some(sent) = senders.join_next().await {
            latencies.append(&mut sent??);
        }
        let (time, refused) = (began.elapsed(), refused.load(Ordering::Relaxed));
        if refused > 0 {
            writeln!(std::io::stderr(), "sent again {refused} times: the figures of this load are spoilt")?;
        }
        Ok(Answers::new(latencies, time))
    }

    async fn send_some(
        self,
        mut sender: Sender,
        mut request: Request,
        next: Arc<AtomicU32>,
        began: Instant,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.events {
                return Ok(latencies);
            }
            if let Some(rate) = self.rate {
                sleep_until(began + Duration::from_secs(1) / rate * number).await;
            }
            latencies.push(sender.deliver(request.with(self.first + number)).await?);
        }
    }
}
