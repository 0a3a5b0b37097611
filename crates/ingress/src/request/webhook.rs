use std::{marker::PhantomData, net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    Method, Version,
    body::{Body, Incoming},
    header::{AUTHORIZATION, CONTENT_ENCODING, HOST, TRANSFER_ENCODING},
    http::request::Parts,
};
use kalends_journal::{AppendError, Appender};
use kalends_receipt::Envelope;

use crate::{
    Endpoint,
    answer::refusal::Refusal,
    auth::credential,
    limits::{memory_budget::MemoryBudget, overdue::Overdue},
    request::{body::ReceiptBuffer, client_address, routes::Routes, trace_context},
};

/// A request on its way to the journal. Only an [`Authentic`] one can be read, and only what was read can be stored.
pub(crate) struct Webhook<'a, State> {
    head: Parts,
    body: &'a mut Incoming,
    received_at: i64,
    endpoint: Arc<Endpoint>,
    state: PhantomData<State>,
}

/// A request to an endpoint, whose sender is not known yet.
pub(crate) enum Routed {}
/// The sender has shown a valid credential.
pub(crate) enum Authentic {}

/// A webhook that was read to its end. Made by [`Webhook::read`] alone.
pub(crate) struct ReceivedWebhook {
    received_at: i64,
    bytes: Bytes,
}

impl<'a> Webhook<'a, Routed> {
    /// The webhook that this request is: 404 and 405.
    pub(crate) fn route(
        head: Parts,
        body: &'a mut Incoming,
        received_at: i64,
        routes: &Routes,
    ) -> Result<Self, Refusal> {
        let endpoint = Arc::clone(routes.find(head.uri.path()).ok_or(Refusal::UnknownPath)?);
        if head.method != Method::POST {
            return Err(Refusal::Method);
        }
        Ok(Self { head, body, received_at, endpoint, state: PhantomData })
    }

    /// Checks who sent it: 403 and 401.
    pub(crate) fn authenticate(self, sender: IpAddr) -> Result<Webhook<'a, Authentic>, Refusal> {
        let Self { head, body, received_at, endpoint, .. } = self;
        if !endpoint.allow.is_empty() && !client_address::is_in(sender, &endpoint.allow) {
            return Err(Refusal::Address);
        }
        let shown = head.headers.get_all(AUTHORIZATION);
        if !endpoint.tokens.is_empty() && !credential::opens(&head.uri, shown, &endpoint.tokens) {
            return Err(Refusal::Credential);
        }
        Ok(Webhook { head, body, received_at, endpoint, state: PhantomData })
    }
}

impl Webhook<'_, Authentic> {
    /// Checks what the head says of the body, before any of it is read: 415, 413 and 400.
    pub(crate) fn check_head(&self, limit: usize) -> Result<(), Refusal> {
        let plain = |value: &[u8]| value.is_empty() || value.eq_ignore_ascii_case(b"identity");
        let encodings = self.head.headers.get_all(CONTENT_ENCODING);
        if !encodings.iter().all(|value| plain(value.as_bytes().trim_ascii())) {
            return Err(Refusal::ContentEncoding);
        }
        if !self.is_chunked_at_most() {
            return Err(Refusal::TransferEncoding);
        }
        let length = self.body.size_hint().exact();
        if length.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
            return Err(Refusal::TooLarge { limit });
        }
        if self.head.version == Version::HTTP_11 && self.head.headers.get_all(HOST).iter().count() != 1 {
            return Err(Refusal::Host);
        }
        if length == Some(0) { Err(Refusal::Empty) } else { Ok(()) }
    }

    /// The HTTP server undoes one `chunked`, and nothing that was done before it.
    fn is_chunked_at_most(&self) -> bool {
        let mut codings = self.head.headers.get_all(TRANSFER_ENCODING).iter();
        let first = codings.next().is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"chunked"));
        first && codings.next().is_none()
    }

    /// The sender's `traceparent`, if it keeps to the rules.
    pub(crate) fn traceparent(&self) -> Option<&str> {
        trace_context::of(&self.head.headers).0
    }

    /// The endpoint that it was sent to.
    pub(crate) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }

    /// Time when its head had been read, in microseconds since the Unix epoch.
    pub(crate) const fn received_at(&self) -> i64 {
        self.received_at
    }

    /// Reads the body to its end behind the envelope: 413, 400, 408, and 503 when `budget` is spent. `own` is the trace context
    /// that is kept instead of the sender's.
    pub(crate) async fn read(
        self,
        own: Option<String>,
        limit: usize,
        budget: &MemoryBudget,
        timeout: Duration,
    ) -> Result<ReceivedWebhook, Refusal> {
        let Self { head, body, received_at, endpoint, .. } = self;
        let (sent, tracestate) = trace_context::of(&head.headers);
        let traceparent = own.as_deref().or(sent);
        let envelope = Envelope { endpoint: &endpoint.name, received_at, traceparent, tracestate };
        let mut head_bytes = Vec::new();
        envelope.write_head(&mut head_bytes);
        let mut buffer = ReceiptBuffer::behind(head_bytes, limit, body.size_hint().exact(), budget)?;
        drop(head);
        let all = async {
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|_| Refusal::Broken)?;
                if let Some(chunk) = frame.data_ref() {
                    buffer.push(chunk)?;
                }
            }
            Ok(())
        };
        tokio::time::timeout(timeout, all).await.map_err(|_| Refusal::Slow)??;
        Ok(ReceivedWebhook { received_at, bytes: buffer.finish()? })
    }
}

impl ReceivedWebhook {
    /// Bytes of envelope and body.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Time when its head had been read, in microseconds since the Unix epoch.
    pub(crate) const fn received_at(&self) -> i64 {
        self.received_at
    }

    /// Returns its position once it is on disk. `now` is the time, in microseconds since the Unix epoch: journal time goes by
    /// it, and the body may have taken long. When `timeout` passes first, `overdue` counts the receipt until the journal has
    /// done with it.
    ///
    /// # Cancel safety
    /// If the future is dropped, the receipt may still be stored.
    pub(crate) async fn store(
        self,
        now: i64,
        appender: &Appender,
        timeout: Duration,
        overdue: &Overdue,
    ) -> Result<u64, Refusal> {
        let (appender, bytes) = (appender.clone(), self.bytes);
        let mut append = Box::pin(async move { appender.append(now, bytes).await });
        match tokio::time::timeout(timeout, &mut append).await {
            Ok(Ok(position)) => Ok(position),
            Ok(Err(AppendError::Full)) => Err(Refusal::Full),
            Ok(Err(AppendError::Busy)) => Err(Refusal::Busy),
            Ok(Err(AppendError::Poisoned)) => Err(Refusal::Poisoned),
            Ok(Err(AppendError::Closed)) => Err(Refusal::Closed),
            Ok(Err(AppendError::TooLarge { .. })) => Err(Refusal::Unstorable),
            Err(_elapsed) => {
                overdue.follow(append);
                Err(Refusal::AppendTimeout)
            }
        }
    }
}
