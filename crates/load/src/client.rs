use std::{io, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use super::load::Load;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One kept-alive connection, made anew whenever it broke.
#[derive(Debug, Default)]
pub(super) struct Client {
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// Reason why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("can't connect: {0}")]
    Connect(io::Error),
    #[error("connection lost")]
    Lost(#[from] hyper::Error),
    #[error("request can't be built: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("no answer in {}s", PATIENCE.as_secs())]
    TooLate(#[from] tokio::time::error::Elapsed),
}

impl Client {
    /// Posts one body.
    ///
    /// # Errors
    /// There was no whole answer; whether the body arrived is then unknown.
    pub(super) async fn post(&mut self, load: &Load, body: Bytes) -> Result<StatusCode, NoAnswer> {
        let answer = timeout(PATIENCE, self.exchange(load, body)).await;
        let answer = answer.map_err(NoAnswer::from).and_then(|answer| answer);
        if answer.is_err() {
            // What is still on its way on this connection would be taken for the next answer.
            self.sender = None;
        }
        answer
    }

    async fn exchange(&mut self, load: &Load, body: Bytes) -> Result<StatusCode, NoAnswer> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => connect(load).await?,
        };
        sender.ready().await?;
        let mut request = Request::post(&load.target.path)
            .header(HOST, &load.target.authority)
            .header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &load.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let answer = sender.send_request(request.body(Full::new(body))?).await?;
        let status = answer.status();
        // Keep-alive needs the answer read to its end.
        let mut rest = answer.into_body();
        while let Some(frame) = rest.frame().await {
            frame?;
        }
        self.sender = Some(sender);
        Ok(status)
    }
}

async fn connect(load: &Load) -> Result<SendRequest<Full<Bytes>>, NoAnswer> {
    let stream =
        TcpStream::connect((load.target.host.as_str(), load.target.port)).await.map_err(NoAnswer::Connect)?;
    stream.set_nodelay(true).map_err(NoAnswer::Connect)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // Ends with the sender; what goes wrong on it is told to the sender.
    tokio::spawn(connection);
    Ok(sender)
}
