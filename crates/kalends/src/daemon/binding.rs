//! Taking the listeners' addresses. One that another process is about to give back, or that the network is about to give the
//! machine, is waited for a while.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use kalends_admin::StartError;
use kalends_ingress::{BindError, Metrics, rustls::ServerConfig};
use prometheus::Registry;

use super::{Error, status::Probe};

/// Longest wait for an address.
const BIND_TIMEOUT: Duration = Duration::from_secs(5);
const RETRY_INTERVAL: Duration = Duration::from_millis(250);

/// Way of a listener whose port another process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfTaken {
    /// The port is waited for a while, then the start ends.
    Wait,
    /// It takes a free one.
    TakeAnother,
}

impl IfTaken {
    /// The address to try next after this error, if it is another one.
    fn other(self, address: SocketAddr, error: &io::Error) -> Option<SocketAddr> {
        let is_taken = self == Self::TakeAnother && error.kind() == ErrorKind::AddrInUse;
        (is_taken && address.port() != 0).then(|| SocketAddr::new(address.ip(), 0))
    }
}

/// The public listener.
///
/// # Errors
/// Every [`BindError`]; an address that can't be taken yet only after [`BIND_TIMEOUT`].
pub(super) async fn public(
    mut settings: kalends_ingress::Settings,
    metrics: &Metrics,
    if_taken: IfTaken,
) -> Result<kalends_ingress::Server, Error> {
    let mut attempts = Attempts::new("listen.address");
    loop {
        match kalends_ingress::Server::bind(settings.clone(), metrics.clone()).await {
            Err(BindError::Listen { address, source })
                if let Some(other) = if_taken.other(address, &source) =>
            {
                settings.address = other;
                continue;
            }
            Err(BindError::Listen { source, .. }) if attempts.go_on_after(&source) => {}
            bound => return Ok(bound?),
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

/// The operator's listener.
///
/// # Errors
/// Every [`StartError`]; an address that can't be taken yet only after [`BIND_TIMEOUT`].
pub(super) async fn admin(
    mut address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    registry: &Registry,
    probe: &Arc<Probe>,
    if_taken: IfTaken,
) -> Result<kalends_admin::Server, Error> {
    let mut attempts = Attempts::new("admin.address");
    loop {
        let probe: Arc<Probe> = Arc::clone(probe);
        match kalends_admin::Server::start(address, tls.clone(), registry.clone(), probe) {
            Err(StartError::Listen { source, .. }) if let Some(other) = if_taken.other(address, &source) => {
                address = other;
                continue;
            }
            Err(StartError::Listen { source, .. }) if attempts.go_on_after(&source) => {}
            started => return Ok(started?),
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

/// The attempts to take the address of one key of the configuration.
struct Attempts {
    key: &'static str,
    deadline: Instant,
    is_told: bool,
}

impl Attempts {
    fn new(key: &'static str) -> Self {
        Self { key, deadline: Instant::now() + BIND_TIMEOUT, is_told: false }
    }

    /// Whether to try again after this error.
    fn go_on_after(&mut self, error: &io::Error) -> bool {
        let may_pass = matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable);
        if !may_pass || Instant::now() >= self.deadline {
            return false;
        }
        if !std::mem::replace(&mut self.is_told, true) {
            let (key, seconds) = (self.key, BIND_TIMEOUT.as_secs());
            tracing::warn!(key, %error, "the address can't be taken yet; trying again for {seconds} s");
        }
        true
    }
}
