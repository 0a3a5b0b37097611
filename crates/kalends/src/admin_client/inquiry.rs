//! What a running daemon says when it is asked at its operator's listener.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{Request, client::conn::http1, header::HOST, rt};
use hyper_util::rt::TokioIo;
use kalends_ingress::rustls::{ClientConfig, pki_types::ServerName};
use kalends_settings::{Tls, server_tls::Fault};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use super::tls;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer that is read, in bytes.
const LARGEST: usize = 16 << 20;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Nobody listens there.
    #[error("can't connect: {0}")]
    Connect(#[from] io::Error),
    /// Somebody listens and doesn't speak TLS, or not as this daemon.
    #[error("no TLS as the configuration has it: {0}")]
    Tls(io::Error),
    /// Somebody listens, and speaks no HTTP or hangs up.
    #[error("no answer: {0}")]
    Lost(#[from] hyper::Error),
    /// The path can't stand in a request.
    #[error("the request can't be built: {0}")]
    Request(#[from] hyper::http::Error),
    /// The answer ended before its end.
    #[error("the answer can't be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    /// No daemon says so much.
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
    /// Nothing came in time.
    #[error("no answer in {}s", PATIENCE.as_secs())]
    TooLate(#[from] tokio::time::error::Elapsed),
}

/// Where a daemon is asked, and how.
#[derive(Debug, Clone)]
pub struct Inquiry {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
}

impl Inquiry {
    /// At a listener that is bound to this address and speaks this TLS, or none.
    ///
    /// # Errors
    /// The files of `tls` can't be used, or it asks for a client's certificate.
    pub fn new(address: SocketAddr, tls: Option<&Tls>) -> Result<Self, Fault> {
        Ok(Self { address: reachable(address), tls: tls.map(tls::client).transpose()? })
    }

    /// The URL of a page.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// Gets a page: its status and its text. Dropping the future hangs up.
    ///
    /// # Errors
    /// There was no answer within five seconds.
    pub async fn get(&self, path: &str) -> Result<(u16, String), NoAnswer> {
        timeout(PATIENCE, self.exchange(path)).await?
    }

    async fn exchange(&self, path: &str) -> Result<(u16, String), NoAnswer> {
        let stream = TcpStream::connect(self.address).await?;
        let Some(tls) = &self.tls else { return self.request(TokioIo::new(stream), path).await };
        let name = ServerName::IpAddress(self.address.ip().into());
        let stream =
            TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(NoAnswer::Tls)?;
        self.request(TokioIo::new(stream), path).await
    }

    async fn request<S>(&self, stream: S, path: &str) -> Result<(u16, String), NoAnswer>
    where
        S: rt::Read + rt::Write + Unpin + Send + 'static,
    {
        let (mut sender, connection) = http1::handshake(stream).await?;
        // Ends with the sender; what goes wrong on it is told to the sender.
        tokio::spawn(connection);
        let request = Request::get(path).header(HOST, self.address.to_string()).body(Empty::<Bytes>::new())?;
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() { NoAnswer::TooLarge } else { NoAnswer::Body(error) }
        })?;
        Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
    }
}

/// Where to find a listener that is bound to this address.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
