use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use crate::connections::{
    idle::{IdleTimer, Wait},
    stream::Stream,
};

/// A connection that ends by itself when the client is too slow to ask or to listen, and that can be given back the
/// bytes that told its protocol.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Stream,
    put_back: Vec<u8>,
    idle_timer: IdleTimer,
    write_timeout: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    gave_up: Option<Wait>,
}

impl Socket {
    pub(crate) const fn new(stream: Stream, idle_timer: IdleTimer, write_timeout: Duration) -> Self {
        Self { stream, put_back: Vec::new(), idle_timer, write_timeout, stalled: None, gave_up: None }
    }

    /// The next reads give these bytes once more, before anything else.
    pub(crate) fn put_back(&mut self, bytes: &[u8]) {
        self.put_back.splice(..0, bytes.iter().copied());
    }

    /// The connection speaks HTTP/2.
    pub(crate) fn with_http2(&mut self) {
        self.idle_timer.with_http2();
    }

    /// Whether it ended in the middle of a head, with nothing of an earlier answer still to be sent.
    pub(crate) const fn gave_up_on_a_head(&self) -> bool {
        matches!(self.gave_up, Some(Wait::RestOfHead)) && self.stalled.is_none()
    }

    /// The connection itself, without any time-out.
    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    fn note_write<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        self.idle_timer.set_stalled(written.is_pending());
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let timeout = self.write_timeout;
        let sleep = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + timeout)));
        sleep.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.put_back.is_empty() {
            let length = self.put_back.len().min(buffer.remaining());
            let rest = self.put_back.split_off(length);
            buffer.put_slice(&self.put_back);
            self.put_back = rest;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                if buffer.filled().len() > before {
                    self.idle_timer.bytes_arrived();
                }
                Poll::Ready(read)
            }
            Poll::Pending => self.idle_timer.poll(context).map(|()| {
                self.gave_up = Some(self.idle_timer.waits_for());
                Err(io::ErrorKind::TimedOut.into())
            }),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_write(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.note_write(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note_write(context, written)
    }
}
