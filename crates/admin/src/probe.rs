use std::{sync::Arc, time::Duration};

use prometheus::{Registry, TextEncoder};
use serde_json::Value;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Longest wait for the daemon's answer.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// Most questions that may be stuck at once.
const MAX_STUCK_PROBES: usize = 4;

/// Questions of the operator's listener to the daemon. Called on threads where blocking is allowed.
pub trait Probe: Send + Sync + 'static {
    /// Returns nothing when webhooks can be taken, else the reason.
    ///
    /// # Errors
    /// One line that says why not, for an operator.
    fn ready(&self) -> Result<(), String>;

    /// The daemon's state, as a JSON object.
    fn status(&self) -> Value;
}

/// What can be asked, and how often at once.
#[derive(Clone)]
pub(crate) struct Daemon {
    pub(crate) probe: Arc<dyn Probe>,
    pub(crate) registry: Registry,
    asked: Arc<Semaphore>,
}

/// The daemon did not say how it is in time, or died over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stuck;

impl Daemon {
    pub(crate) fn new(probe: Arc<dyn Probe>, registry: Registry) -> Self {
        Self { probe, registry, asked: Arc::new(Semaphore::new(MAX_STUCK_PROBES)) }
    }

    pub(crate) async fn ready(&self) -> Result<Result<(), String>, Stuck> {
        self.ask(|daemon| daemon.probe.ready()).await
    }

    pub(crate) async fn status(&self) -> Result<Value, Stuck> {
        self.ask(|daemon| daemon.probe.status()).await
    }

    pub(crate) async fn metrics(&self) -> Result<Result<String, prometheus::Error>, Stuck> {
        self.ask(|daemon| TextEncoder::new().encode_to_string(&daemon.registry.gather())).await
    }

    /// A question that is stuck keeps its permit, so that further ones don't pile up behind it.
    async fn ask<T: Send + 'static>(&self, question: fn(&Self) -> T) -> Result<T, Stuck> {
        let daemon = self.clone();
        let answer = async {
            let permit = Arc::clone(&self.asked).acquire_owned().await.map_err(|_| Stuck)?;
            let asked = spawn_blocking(move || {
                let _permit = permit;
                question(&daemon)
            });
            asked.await.map_err(|_| Stuck)
        };
        timeout(PROBE_TIMEOUT, answer).await.map_err(|_| Stuck)?
    }
}
