use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use crate::log::Append;

/// Takes bodies, and answers each once it is on disk. A GET is answered with the number of events delivered.
pub(crate) async fn serve(
    listener: TcpListener,
    queue: mpsc::Sender<Append>,
    delivered: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (queue, delivered) = (queue.clone(), Arc::clone(&delivered));
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(request, &queue, &delivered));
            // The client has left.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await);
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    queue: &mpsc::Sender<Append>,
    delivered: &AtomicU64,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        let count = delivered.load(Ordering::Acquire).to_string();
        return Ok(Response::new(Full::from(count)));
    }
    let mut response = Response::new(Full::default());
    if store(request.into_body(), queue).await.is_none() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}

async fn store(body: Incoming, queue: &mpsc::Sender<Append>) -> Option<()> {
    let body = body.collect().await.ok()?.to_bytes();
    let (reply, synced) = oneshot::channel();
    queue.try_send(Append { body, reply }).ok()?;
    synced.await.ok()
}
