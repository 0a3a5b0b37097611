use std::io;

use crate::connections::{reject::read, socket::Socket};

const HTTP2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The beginning of a connection, or its next request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The client has left, or has said nothing for as long as it may.
    Silent,
    /// The client has begun to say something, and stopped.
    TooSlow,
    /// HTTP/1, or what will be told that it is no HTTP.
    Http1,
    /// HTTP/2, by its preface.
    Http2,
}

impl Protocol {
    /// Reads as much as tells, and puts it back.
    pub(crate) async fn detect(socket: &mut Socket) -> Self {
        let mut seen = [0; HTTP2_PREFACE.len()];
        let mut length = 0;
        while let Some(room) = seen.get_mut(length..).filter(|room| !room.is_empty()) {
            match read(socket, room).await {
                Ok(0) => break,
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::TimedOut && length > 0 => return Self::TooSlow,
                Err(_) => return Self::Silent,
            }
            if seen.get(..length) != HTTP2_PREFACE.get(..length) {
                break;
            }
        }
        socket.put_back(seen.get(..length).unwrap_or_default());
        match length {
            0 => Self::Silent,
            _ if seen == *HTTP2_PREFACE => Self::Http2,
            _ => Self::Http1,
        }
    }
}
