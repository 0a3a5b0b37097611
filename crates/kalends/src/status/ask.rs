use std::{io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{Request, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer that is read, in bytes.
const LARGEST: usize = 16 << 20;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("can't connect: {0}")]
    Connect(#[from] io::Error),
    #[error("no answer: {0}")]
    Lost(#[from] hyper::Error),
    #[error("the request can't be built: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("the answer can't be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("no answer in {}s", PATIENCE.as_secs())]
    TooLate(#[from] tokio::time::error::Elapsed),
}

/// Gets a page: its status and its text.
pub(super) async fn ask(address: SocketAddr, path: &str) -> Result<(u16, String), NoAnswer> {
    timeout(PATIENCE, exchange(address, path)).await?
}

async fn exchange(address: SocketAddr, path: &str) -> Result<(u16, String), NoAnswer> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender; what goes wrong on it is told to the sender.
    tokio::spawn(connection);
    let request = Request::get(path).header(HOST, address.to_string()).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() { NoAnswer::TooLarge } else { NoAnswer::Body(error) }
    })?;
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}
