use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_rustls::TlsAcceptor;

use crate::{
    Settings,
    answer::refusal::Refusal,
    connections::{
        idle::IdleTimer,
        protocol::Protocol,
        registry::ConnectionRegistry,
        reject::{close, reject},
        socket::Socket,
        state::ConnectionState,
        stream::Stream,
    },
    service::Service,
};

/// Largest head of a request, and most that one HTTP/1 connection reads ahead, in bytes.
const MAX_READ_AHEAD: usize = 32 << 10;
/// Time without a request after which a connection gives back the memory for serving.
const QUIET_BEFORE_RELEASE: Duration = Duration::from_millis(500);
const MAX_HTTP2_STREAMS: u32 = 64;
const HTTP2_STREAM_WINDOW: u32 = 64 << 10;
const HTTP2_CONNECTION_WINDOW: u32 = 256 << 10;
const MAX_HTTP2_HEAD: u32 = 16 << 10;

/// A connection that was just accepted.
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) peer: IpAddr,
}

/// Serves one connection to its end, or until another one needs its place. When `stopping` turns true, the running requests are
/// the last ones.
pub(crate) async fn serve(
    accepted: Accepted,
    service: Arc<Service>,
    registry: Arc<ConnectionRegistry>,
    stopping: watch::Receiver<bool>,
) {
    let state = Arc::new(ConnectionState::new(&registry));
    let evicted = state.evicted();
    tokio::select! {
        () = serve_in(state, accepted, Arc::clone(&service), &registry, stopping) => {}
        () = evicted.notified() => service.note_displaced(),
    }
}

async fn serve_in(
    state: Arc<ConnectionState>,
    accepted: Accepted,
    service: Arc<Service>,
    registry: &ConnectionRegistry,
    mut stopping: watch::Receiver<bool>,
) {
    let Accepted { stream, peer } = accepted;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::trace!(%error, "client left at once");
        return;
    }
    let policy = service.policy();
    let Settings { header_timeout, idle_timeout, .. } = policy.settings;
    let stream = tokio::select! {
        stream = secure(stream, &policy.settings) => stream,
        () = stopped(&mut stopping) => return,
    };
    drop(policy);
    let Some(stream) = stream else { return service.note_tls_failure() };
    let idle_timer = IdleTimer::new(header_timeout, idle_timeout, Arc::clone(&state));
    let mut socket = Socket::new(stream, idle_timer, idle_timeout);
    let requests = Requests { service, state, peer };
    loop {
        let protocol = tokio::select! {
            protocol = Protocol::detect(&mut socket) => protocol,
            () = stopped(&mut stopping) => Protocol::Silent,
        };
        let service = &requests.service;
        // What serves a request is many times what waits for one: it is on the heap, and only for as long as it serves.
        let serving = match protocol {
            Protocol::Silent => return close(socket.into_stream()).await,
            Protocol::TooSlow => return refuse(socket, service, Refusal::Slow).await,
            Protocol::Http1 | Protocol::Http2 => registry.permit().await,
        };
        let Some(_serving) = serving else { return refuse(socket, service, Refusal::Connections).await };
        requests.state.set_served(true);
        if protocol == Protocol::Http2 {
            return Box::pin(serve_http2(socket, requests.clone(), stopping)).await;
        }
        match Box::pin(serve_http1(socket, requests.clone(), stopping.clone())).await {
            Some(idle) => socket = idle,
            None => return,
        }
        requests.state.set_served(false);
    }
}

/// Speaks TLS where it is configured; `None` when that comes to nothing.
async fn secure(stream: TcpStream, settings: &Settings) -> Option<Stream> {
    let Some(tls) = &settings.tls else { return Some(Stream::Plain(stream)) };
    let handshake = TlsAcceptor::from(Arc::clone(tls)).accept(stream);
    match timeout(settings.header_timeout, handshake).await {
        Ok(Ok(stream)) => Some(Stream::Tls(Box::new(stream))),
        Ok(Err(error)) => {
            tracing::debug!(%error, "TLS handshake failed");
            None
        }
        Err(_elapsed) => {
            tracing::debug!("TLS handshake took too long");
            None
        }
    }
}

/// The service that answers the requests of one connection.
#[derive(Clone)]
struct Requests {
    service: Arc<Service>,
    state: Arc<ConnectionState>,
    peer: IpAddr,
}

impl Requests {
    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let in_flight = self.state.begin();
        let response = self.service.answer(request, self.peer).await;
        drop(in_flight);
        response
    }
}

/// Serves requests until the connection ends, or rests between two of them: then it is returned.
async fn serve_http1(socket: Socket, requests: Requests, stopping: watch::Receiver<bool>) -> Option<Socket> {
    let (service, state) = (Arc::clone(&requests.service), Arc::clone(&requests.state));
    let answer = service_fn(move |request| requests.clone().answer(request));
    // Its own read time-out would close without a word; the socket has one that tells waiting from being slow. A client
    // that has closed its sending half still waits for the answer.
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .half_close(true)
        .max_buf_size(MAX_READ_AHEAD)
        .serve_connection(TokioIo::new(socket), answer);
    let ended = tokio::select! {
        ended = until_stopped(&mut connection, stopping) => Some(ended),
        () = state.quiet(QUIET_BEFORE_RELEASE) => None,
    };
    let parts = connection.into_parts();
    let mut socket = parts.io.into_inner();
    match ended {
        None => {
            // The beginning of a head may have come just now.
            socket.put_back(&parts.read_buf);
            return Some(socket);
        }
        Some(Err(error)) => {
            tracing::debug!(%error, "connection ended");
            if error.is_parse() {
                service.note_malformed();
            }
            if socket.gave_up_on_a_head() {
                refuse(socket, &service, Refusal::Slow).await;
                return None;
            }
        }
        Some(Ok(())) => {}
    }
    close(socket.into_stream()).await;
    None
}

async fn serve_http2(mut socket: Socket, requests: Requests, stopping: watch::Receiver<bool>) {
    socket.with_http2();
    let answer = service_fn(move |request| requests.clone().answer(request));
    let mut connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_HTTP2_STREAMS)
        .initial_stream_window_size(HTTP2_STREAM_WINDOW)
        .initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .max_header_list_size(MAX_HTTP2_HEAD)
        .serve_connection(TokioIo::new(socket), answer);
    if let Err(error) = until_stopped(&mut connection, stopping).await {
        tracing::debug!(%error, "connection ended");
    }
}

async fn until_stopped<C>(connection: &mut C, mut stopping: watch::Receiver<bool>) -> Result<(), C::Error>
where
    C: GracefulConnection + Unpin,
{
    let mut connection = std::pin::Pin::new(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = stopped(&mut stopping) => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // The sender lives in `Server::serve`; when that is dropped, this stops as well.
    let _ended = stopping.wait_for(|stopping| *stopping).await;
}

async fn refuse(socket: Socket, service: &Service, refusal: Refusal) {
    service.note_refused(refusal, None);
    reject(socket.into_stream(), refusal).await;
}
