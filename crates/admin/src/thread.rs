use std::{
    convert::Infallible,
    io,
    net::TcpListener,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    runtime::Runtime,
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use crate::{probe::Daemon, route::route};

/// Most connections at once; further ones wait in the kernel.
const MAX_CONNECTIONS: usize = 64;
/// Longest time for a head, and for the wait of a connection for its next request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest life of a connection: a client that never reads its answer doesn't keep its place.
const CONNECTION_TIMEOUT: Duration = Duration::from_mins(5);
const MAX_READ_AHEAD: usize = 16 << 10;
/// Pause after accepting has failed.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(200);
/// Longest time that a question to the daemon may delay the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// An address that is taken, and how TLS is spoken there, if at all.
pub(crate) struct Listening {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Arc<RwLock<Option<Arc<ServerConfig>>>>,
}

/// Serves until `stopped` is sent or its sender dropped.
pub(crate) fn run(runtime: Runtime, listener: Listening, daemon: Daemon, stopped: oneshot::Receiver<()>) {
    let ended = runtime.block_on(serve(listener, daemon, stopped));
    if let Err(error) = ended {
        tracing::error!(%error, "the operator's listener can't serve");
    }
    runtime.shutdown_timeout(STOP_TIMEOUT);
}

async fn serve(on: Listening, daemon: Daemon, mut stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let Listening { listener, tls } = on;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _sent_or_dropped = &mut stopped => return Ok(()),
            Some(ended) = open.join_next() => if let Err(error) = ended {
                tracing::error!(%error, "a connection's task died; please report this as a bug");
            },
            accepted = listener.accept(), if open.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    let tls = tls.read().unwrap_or_else(PoisonError::into_inner).clone().map(TlsAcceptor::from);
                    open.spawn(connection(stream, tls, daemon.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "can't accept the operator's connections, trying again");
                    sleep(ACCEPT_RETRY_DELAY).await;
                }
            },
        }
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, daemon: Daemon) {
    let served = async {
        match tls {
            Some(tls) => match timeout(HEADER_TIMEOUT, tls.accept(stream)).await {
                Ok(Ok(stream)) => answer(stream, &daemon).await,
                Ok(Err(error)) => tracing::debug!(%error, "an operator's TLS handshake failed"),
                Err(_elapsed) => tracing::debug!("an operator's TLS handshake took too long"),
            },
            None => answer(stream, &daemon).await,
        }
    };
    if timeout(CONNECTION_TIMEOUT, served).await.is_err() {
        tracing::debug!("an operator's connection was too old");
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, daemon: &Daemon) {
    let answer = service_fn(|request: Request<Incoming>| async move {
        Ok::<_, Infallible>(route(request.method(), request.uri().path(), daemon).await)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .half_close(true)
        .max_buf_size(MAX_READ_AHEAD)
        .serve_connection(TokioIo::new(stream), answer);
    if let Err(error) = served.await {
        tracing::debug!(%error, "an operator's connection ended");
    }
}
