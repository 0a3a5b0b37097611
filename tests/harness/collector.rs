//! An OpenTelemetry collector's HTTP endpoint: it keeps what it is sent, and reads it with OpenTelemetry's own types.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::Context;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1 as otlp,
};
use prost::Message;

/// A collector that listens.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    kept: Arc<Kept>,
}

/// What the endpoint has been sent, and what it does not take.
#[derive(Debug, Default)]
struct Kept {
    requests: Mutex<Vec<Request>>,
    refused: Mutex<Option<String>>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// The request line and the headers, in lower case but for values.
    pub head: Vec<String>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// A span, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its trace's id in hexadecimal.
    pub trace: String,
    /// Its own id in hexadecimal.
    pub id: String,
    /// The id of the span above it; empty at the beginning of a trace.
    pub parent: String,
    /// What was done.
    pub name: String,
    /// Its part in the conversation.
    pub kind: otlp::span::SpanKind,
    /// Begin and end, in nanoseconds since the Unix epoch.
    pub time: (u64, u64),
    /// Names and values.
    pub attributes: Vec<(String, String)>,
    /// Attributes of the process that it comes from.
    pub resource: Vec<(String, String)>,
    /// Why it failed.
    pub failure: Option<String>,
}

impl Span {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Collector {
    /// Listens on a free port of loopback, until the test's process ends.
    ///
    /// # Errors
    /// There is no port to be had.
    pub fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port for the collector")?;
        let address = listener.local_addr()?;
        let requests: Arc<Kept> = Arc::default();
        let kept = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // A client that leaves is no fault.
                thread::spawn(move || serve(&stream, &kept).ok());
            }
        });
        Ok(Self { address, kept: requests })
    }

    /// From now on, bodies with this text are answered 400; `None` ends that.
    pub fn refuse(&self, text: Option<&str>) {
        *self.kept.refused.lock().unwrap_or_else(PoisonError::into_inner) = text.map(str::to_owned);
    }

    /// Its base address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that it was sent.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.kept.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every span that it was sent.
    ///
    /// # Errors
    /// A body is no OTLP.
    pub fn spans(&self) -> anyhow::Result<Vec<Span>> {
        let mut spans = Vec::new();
        for request in self.requests() {
            for of_resource in ExportTraceServiceRequest::decode(request.body.as_slice())?.resource_spans {
                let resource = words(&of_resource.resource.map(|of| of.attributes).unwrap_or_default());
                let all = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
                spans.extend(all.map(|one| span(&one, &resource)));
            }
        }
        Ok(spans)
    }
}

fn serve(stream: &TcpStream, kept: &Kept) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim_end().is_empty() {
                break;
            }
            head.push(line.trim_end().to_owned());
        }
        let length = head.iter().filter_map(|line| line.split_once(": "));
        let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.find_map(|(_, value)| value.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let refused = kept.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_refused = refused.is_some_and(|refused| text.contains(&refused));
        kept.requests.lock().unwrap_or_else(PoisonError::into_inner).push(Request { head, body });
        let status = if is_refused { "400 Bad Request" } else { "200 OK" };
        let mut writer = stream;
        write!(writer, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")?;
    }
}

fn span(span: &otlp::Span, resource: &[(String, String)]) -> Span {
    Span {
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        name: span.name.clone(),
        kind: span.kind(),
        time: (span.start_time_unix_nano, span.end_time_unix_nano),
        attributes: words(&span.attributes),
        resource: resource.to_vec(),
        failure: span.status.as_ref().map(|status| status.message.clone()),
    }
}

fn words(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let value = |pair: &KeyValue| match pair.value.as_ref().and_then(|any| any.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|pair| (pair.key.clone(), value(pair))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|n| char::from_digit(n.into(), 16))
        .collect()
}
