use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Why a body could not be posted.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostError {
    #[error("can't connect: {0}")]
    Connect(#[from] std::io::Error),
    #[error("no answer: {0}")]
    NoAnswer(#[from] hyper::Error),
    #[error("the request can't be built: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("the answer was {0}")]
    Refused(StatusCode),
}

/// Posts one body on a connection of its own, as the sender would, and wants 200.
pub(super) async fn post(address: SocketAddr, path: &str, body: &'static [u8]) -> Result<(), PostError> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender; what goes wrong on it is told to the sender.
    tokio::spawn(connection);
    let request =
        Request::post(path).header(HOST, address.to_string()).header("content-type", "application/json");
    let response = sender.send_request(request.body(Full::new(Bytes::from_static(body)))?).await?;
    match response.status() {
        StatusCode::OK => Ok(()),
        status => Err(PostError::Refused(status)),
    }
}
