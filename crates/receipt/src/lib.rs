//! The stored envelope of one webhook: where and when it arrived, its trace context, and its body's bytes as they came.
//!
//! Knows nobody. The body is never looked at.
//!
//! # Layout
//!
//! ```text
//! byte 0        version, 1
//! then fields   tag (1 byte), length (LEB128), that many bytes; in any order
//! tag 0         the body: no length, everything up to the end
//! ```
//!
//! | tag | field | value |
//! |---|---|---|
//! | 0 | body | bytes, last |
//! | 1 | endpoint | UTF-8, its name in the configuration |
//! | 2 | received at | 8 bytes, little-endian, microseconds since the Unix epoch, signed |
//! | 3 | traceparent | ASCII, as sent; of a request with a span of ours, with that as the parent |
//! | 4 | tracestate | ASCII, as sent |
//!
//! A reader skips tags that it doesn't know, so that fields can be added without a new version.

mod decode;
mod encode;

pub use decode::Error;

const VERSION: u8 = 1;
const TAG_BODY: u8 = 0;
const TAG_ENDPOINT: u8 = 1;
const TAG_RECEIVED_AT: u8 = 2;
const TAG_TRACEPARENT: u8 = 3;
const TAG_TRACESTATE: u8 = 4;

/// Everything that is kept of a webhook but its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The endpoint's name in the configuration.
    pub endpoint: &'a str,
    /// Time when the request's head had been read, in microseconds since the Unix epoch.
    pub received_at: i64,
    /// W3C `traceparent` header, as sent; of a request with a span of ours, with that as the parent.
    pub traceparent: Option<&'a str>,
    /// W3C `tracestate` header, as sent.
    pub tracestate: Option<&'a str>,
}

/// A webhook as it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// Endpoint and time of its arrival.
    pub envelope: Envelope<'a>,
    /// The request's body, byte for byte.
    pub body: &'a [u8],
}
