use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use kalends_journal::Appender;
use tokio::{net::TcpListener, sync::watch, time::sleep};

use crate::{
    Metrics, RouteError, Settings,
    answer::log_limiter::LogLimiter,
    connections::{
        connection::Accepted,
        pool::{ConnectionPool, Ended},
    },
    policy::Policy,
    request::routes,
    service::Service,
};

/// Pause after accepting has failed.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(200);

/// Most bytes of a receipt beside its body: endpoint name, time, trace context, and their tags.
pub const MAX_ENVELOPE_BYTES: usize = 4096;

/// The listener can't be made.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The endpoints make no sense.
    #[error(transparent)]
    Routes(#[from] RouteError),
    /// The largest body that is allowed does not fit the memory that is allowed.
    #[error(
        "max_in_flight_bytes ({max_in_flight_bytes}) has to be larger than max_body_bytes ({max_body_bytes}) by 4096 at least: the largest body could never be received"
    )]
    Memory {
        /// [`Settings::max_in_flight_bytes`].
        max_in_flight_bytes: usize,
        /// [`Settings::max_body_bytes`].
        max_body_bytes: usize,
    },
    /// The operating system refused the address.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
}

/// The public listener, bound and not yet serving.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    policy: watch::Sender<Arc<Policy>>,
    metrics: Metrics,
}

/// Settings that were checked, and are not in effect yet.
#[derive(Debug)]
pub struct Prepared(Arc<Policy>);

/// Changes what a listener was told, while it serves.
#[derive(Debug, Clone)]
pub struct Control(watch::Sender<Arc<Policy>>);

impl Control {
    /// Checks `settings` and makes of them what [`Control::apply`] takes.
    ///
    /// # Errors
    /// [`BindError::Routes`] and [`BindError::Memory`].
    pub fn prepare(settings: Settings) -> Result<Prepared, BindError> {
        policy(settings).map(Prepared)
    }

    /// From the next request on (what concerns connections: from the next one on), these settings hold. The address and
    /// [`Settings::max_in_flight_bytes`] stay what they were.
    pub fn apply(&self, prepared: Prepared) {
        self.0.send_replace(prepared.0);
    }
}

fn policy(settings: Settings) -> Result<Arc<Policy>, BindError> {
    memory_fault(&settings).map_or(Ok(()), Err)?;
    Ok(Policy::new(settings)?)
}

/// Lists the faults for which no listener is made of these settings: each a [`BindError::Routes`] or [`BindError::Memory`].
#[must_use]
pub fn settings_faults(settings: &Settings) -> Vec<BindError> {
    let routes = routes::faults(&settings.endpoints).into_iter().map(BindError::Routes);
    memory_fault(settings).into_iter().chain(routes).collect()
}

fn memory_fault(settings: &Settings) -> Option<BindError> {
    let Settings { max_in_flight_bytes, max_body_bytes, .. } = *settings;
    let is_little = max_in_flight_bytes < max_body_bytes.saturating_add(MAX_ENVELOPE_BYTES);
    is_little.then_some(BindError::Memory { max_in_flight_bytes, max_body_bytes })
}

impl Server {
    /// Takes the address. Connections wait in the kernel until [`Server::serve`].
    ///
    /// # Errors
    /// [`BindError::Routes`] and [`BindError::Memory`] when the settings make no sense, [`BindError::Listen`].
    pub async fn bind(settings: Settings, metrics: Metrics) -> Result<Self, BindError> {
        let address = settings.address;
        let policy = policy(settings)?;
        let refused = |source| BindError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address, policy: watch::Sender::new(policy), metrics })
    }

    /// A handle that changes the settings later.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(self.policy.clone())
    }

    /// The address that was bound; its port is never 0.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready, then stops accepting, lets running requests end for at most
    /// [`Settings::drain_timeout`], and answers new ones on open connections with 503.
    ///
    /// # Cancel safety
    /// If the future is dropped, every connection is cut. Nothing that was acknowledged is lost.
    pub async fn serve(self, appender: Appender, shutdown: impl Future<Output = ()>) -> Ended {
        let Self { listener, policy, metrics, .. } = self;
        let mut policies = policy.subscribe();
        let service = Arc::new(Service::new(policies.borrow_and_update().clone(), metrics, appender));
        let (stop, stopping) = watch::channel(false);
        let mut pool = ConnectionPool::new(Arc::clone(&service), stopping);
        let mut shutdown = std::pin::pin!(shutdown);
        let mut failing = LogLimiter::default();
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = pool.ended() => {}
                Ok(()) = policies.changed() => service.replace_policy(policies.borrow_and_update().clone()),
                accepted = accept(&listener, &mut failing) => pool.admit(accepted),
            }
        }
        service.stop();
        // The kernel resets those that wait to be accepted; they get an answer instead.
        while let Some(accepted) = waiting(&listener).await {
            pool.admit(accepted);
        }
        drop(listener);
        stop.send_replace(true);
        pool.drain().await
    }
}

/// The next connection. Failing (no file descriptor left, a client that left the queue) ends nothing and is told
/// now and then: with too few descriptors it fails and works by turns.
///
/// # Cancel safety
/// Safe: no connection is taken unless it returns.
async fn accept(listener: &TcpListener, failing: &mut LogLimiter) -> Accepted {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Accepted { stream, peer: peer.ip() },
            Err(error) => {
                if let Some(not_told) = failing.note(Instant::now()) {
                    tracing::warn!(%error, not_told, "can't accept connections; trying again until it works");
                }
                sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

/// A connection that waits to be accepted, if there is one.
async fn waiting(listener: &TcpListener) -> Option<Accepted> {
    poll_fn(|context| match listener.poll_accept(context) {
        Poll::Ready(Ok((stream, peer))) => Poll::Ready(Some(Accepted { stream, peer: peer.ip() })),
        Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::Endpoint;

    fn settings() -> Settings {
        let endpoint = Endpoint {
            name: "main".to_owned(),
            path: "/a".to_owned(),
            tokens: Vec::new(),
            allow: Vec::new(),
        };
        Settings::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), vec![endpoint])
    }

    #[tokio::test]
    async fn an_address_in_use_is_named() {
        let first = Server::bind(settings(), Metrics::default()).await.unwrap();
        let mut second = settings();
        second.address = first.local_addr();
        let error = Server::bind(second, Metrics::default()).await.unwrap_err();
        assert!(error.to_string().contains(&first.local_addr().to_string()), "{error}");
    }

    #[tokio::test]
    async fn memory_too_small_for_the_largest_body_is_refused() {
        let mut settings = settings();
        settings.max_in_flight_bytes = settings.max_body_bytes;
        let error = Server::bind(settings, Metrics::default()).await.unwrap_err();
        assert!(matches!(error, BindError::Memory { .. }));
    }
}
