use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kalends_journal::Appender;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Metrics, RouteError, Settings, clock::Clock, policy::Policy, service::Service};

/// The address that every stream comes from.
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The listener without its sockets: answers the requests of whatever streams it is given, by a clock that it is given.
#[derive(Clone)]
pub struct InMemoryListener(Arc<Service>);

impl InMemoryListener {
    /// A listener for the endpoints of `settings`, that stores with `appender`; `now` is in microseconds since the Unix epoch.
    ///
    /// # Errors
    /// When the endpoints make no sense.
    pub fn new(
        settings: Settings,
        appender: Appender,
        now: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Result<Self, RouteError> {
        let service = Service::new(Policy::new(settings)?, Metrics::default(), appender);
        Ok(Self(Arc::new(service.with_clock(Clock::new(now)))))
    }

    /// Serves one HTTP/1 connection to its end.
    ///
    /// # Cancel safety
    /// If the future is dropped, the connection is cut. What was being stored may be stored.
    pub async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send) {
        let answer = service_fn(|request: Request<Incoming>| Arc::clone(&self.0).answer(request, PEER));
        let connection =
            http1::Builder::new().half_close(true).serve_connection(TokioIo::new(stream), answer);
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    }
}
