use std::{convert::Infallible, io, net::TcpListener, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, runtime::Runtime, sync::oneshot, task::JoinSet, time::sleep};

use crate::{probe::Daemon, route::route};

/// Most connections at once; further ones wait in the kernel.
const MOST_CONNECTIONS: usize = 64;
/// How long a head may take, and how long a connection may wait for its next request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest life of a connection: a client that never reads its answer doesn't keep its place.
const LIFE: Duration = Duration::from_mins(5);
const READ_AHEAD: usize = 16 << 10;
/// How long accepting rests after it has failed.
const REST: Duration = Duration::from_millis(200);
/// How long a question to the daemon may hold up the end.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Serves until `stopped` is sent or its sender dropped.
pub(crate) fn run(runtime: Runtime, listener: TcpListener, daemon: Daemon, stopped: oneshot::Receiver<()>) {
    let ended = runtime.block_on(serve(listener, daemon, stopped));
    if let Err(error) = ended {
        tracing::error!(%error, "the operator's listener can't serve");
    }
    runtime.shutdown_timeout(LAST_WAIT);
}

async fn serve(listener: TcpListener, daemon: Daemon, mut stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _sent_or_dropped = &mut stopped => return Ok(()),
            Some(ended) = open.join_next() => if let Err(error) = ended {
                tracing::error!(%error, "a connection's task died; please report this as a bug");
            },
            accepted = listener.accept(), if open.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    open.spawn(connection(stream, daemon.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "can't accept the operator's connections, trying again");
                    sleep(REST).await;
                }
            },
        }
    }
}

async fn connection(stream: TcpStream, daemon: Daemon) {
    let answer = service_fn(|request: Request<Incoming>| {
        let daemon = &daemon;
        async move { Ok::<_, Infallible>(route(request.method(), request.uri().path(), daemon).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .half_close(true)
        .max_buf_size(READ_AHEAD)
        .serve_connection(TokioIo::new(stream), answer);
    match tokio::time::timeout(LIFE, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an operator's connection ended"),
        Err(_elapsed) => tracing::debug!("an operator's connection was too old"),
    }
}
