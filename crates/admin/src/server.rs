use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, PoisonError, RwLock},
    thread::JoinHandle,
};

use prometheus::Registry;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};
use tokio_rustls::rustls::ServerConfig;

use crate::{
    probe::{Daemon, Probe},
    thread::{Listening, run},
};

/// The operator's listener can't be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operating system refused the address.
    #[error("can't listen on {address} for the operator: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The operating system gave no thread, or what its event loop needs.
    #[error("can't start the operator's listener: {0}")]
    Thread(#[source] io::Error),
}

/// The operator's listener, serving on a thread of its own. Dropping it ends it as well, but does not wait.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    tls: Arc<RwLock<Option<Arc<ServerConfig>>>>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Changes how a listener speaks TLS, while it serves.
#[derive(Debug, Clone)]
pub struct Control(Arc<RwLock<Option<Arc<ServerConfig>>>>);

impl Control {
    /// From the next connection on, TLS is spoken as `tls` says, or not at all.
    pub fn replace_tls(&self, tls: Option<Arc<ServerConfig>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tls;
    }
}

impl Server {
    /// Listens on `address` (port 0 takes any free one), through TLS where `tls` says how, and serves what `registry` and
    /// `probe` say.
    ///
    /// # Errors
    /// [`StartError::Listen`] and [`StartError::Thread`].
    pub fn start(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
        registry: Registry,
        probe: Arc<dyn Probe>,
    ) -> Result<Self, StartError> {
        let (listener, address) = listen(address).map_err(|source| StartError::Listen { address, source })?;
        let runtime = runtime().map_err(StartError::Thread)?;
        let daemon = Daemon::new(probe, registry);
        let tls = Arc::new(RwLock::new(tls));
        let listening = Listening { listener, tls: Arc::clone(&tls) };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("admin".to_owned());
        let thread =
            thread.spawn(move || run(runtime, listening, daemon, stopped)).map_err(StartError::Thread)?;
        Ok(Self { address, tls, stop, thread })
    }

    /// The address that was bound; its port is never 0.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// A handle that changes TLS later.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(Arc::clone(&self.tls))
    }

    /// Stops serving, cuts open connections and waits for the thread to end: at most about a second, even if the probe is
    /// stuck.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the operator's listener died; please report this as a bug");
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().thread_name("admin-probe").max_blocking_threads(4).build()
}
