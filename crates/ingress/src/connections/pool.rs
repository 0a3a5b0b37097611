use std::sync::Arc;

use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::timeout,
};

use crate::{
    answer::refusal::Refusal,
    connections::{
        connection::{self, Accepted},
        registry::ConnectionRegistry,
        reject::reject,
        stream::Stream,
    },
    service::Service,
};

/// Most connections over the limit that are told so at once; the others are closed without a word.
const MAX_REJECTING: usize = 64;

/// The end of serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every request that had begun was answered.
    Drained,
    /// The time to drain was over; so many connections were cut. What they had sent was not acknowledged.
    Cut {
        /// Connections that were still open.
        connections: usize,
    },
}

/// The open connections, each a task. Those that there is no room for are told so, and are open for that long.
pub(crate) struct ConnectionPool {
    service: Arc<Service>,
    registry: Arc<ConnectionRegistry>,
    stopping: watch::Receiver<bool>,
    served: JoinSet<()>,
    rejecting: JoinSet<()>,
}

impl ConnectionPool {
    /// None yet. When `stopping` turns true, the running requests are the last ones.
    pub(crate) fn new(service: Arc<Service>, stopping: watch::Receiver<bool>) -> Self {
        let registry = Arc::new(ConnectionRegistry::new());
        Self { service, registry, stopping, served: JoinSet::new(), rejecting: JoinSet::new() }
    }

    /// Serves a connection if there is room, or room can be made.
    pub(crate) fn admit(&mut self, accepted: Accepted) {
        let policy = self.service.policy();
        if self.served.len() < policy.settings.max_connections || self.registry.evict_idlest() {
            let (service, registry) = (Arc::clone(&self.service), Arc::clone(&self.registry));
            self.served.spawn(connection::serve(accepted, service, registry, self.stopping.clone()));
            self.count();
            return;
        }
        self.service.note_refused(Refusal::Connections, None);
        // A refusal through TLS would cost a handshake, which is what there is no room for.
        if self.rejecting.len() < MAX_REJECTING && policy.settings.tls.is_none() {
            self.rejecting.spawn(reject(Stream::Plain(accepted.stream), Refusal::Connections));
        }
    }

    /// Waits until one of them has ended; for ever, when there is none.
    ///
    /// # Cancel safety
    /// Safe: no end is passed over.
    pub(crate) async fn ended(&mut self) {
        tokio::select! {
            biased;
            Some(ended) = self.served.join_next() => {
                self.count();
                note_panic(ended);
            }
            Some(ended) = self.rejecting.join_next() => note_panic(ended),
            else => std::future::pending().await,
        }
    }

    /// Waits until those that are served have ended, for as long as the settings allow, and cuts the others.
    pub(crate) async fn drain(mut self) -> Ended {
        let all = async {
            while let Some(ended) = self.served.join_next().await {
                note_panic(ended);
            }
        };
        let drained = timeout(self.service.policy().settings.drain_timeout, all).await;
        let connections = self.served.len();
        self.served.shutdown().await;
        self.count();
        if drained.is_ok() { Ended::Drained } else { Ended::Cut { connections } }
    }

    fn count(&self) {
        self.service.note_connections(self.served.len());
    }
}

fn note_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task died; please report this as a bug");
    }
}
