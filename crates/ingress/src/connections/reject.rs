use std::{future::poll_fn, io, pin::Pin, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::timeout,
};

use crate::{
    answer::{refusal::Refusal, response},
    connections::stream::Stream,
};

/// Time during which a closing connection is still read.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

/// Most that is read of what a client still sends on a closing connection, in bytes.
const MAX_LINGER_BYTES: usize = 16 << 20;

/// Answers a connection that no HTTP server looks after, and closes it.
pub(crate) async fn reject(mut stream: Stream, refusal: Refusal) {
    let answer = response::raw(refusal);
    match timeout(LINGER_TIMEOUT, write_all(&mut stream, &answer)).await {
        Ok(Ok(())) => close(stream).await,
        Ok(Err(error)) => tracing::debug!(%error, "client left before it was refused"),
        Err(_elapsed) => tracing::debug!("client didn't read its refusal"),
    }
}

async fn write_all(stream: &mut Stream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = poll_fn(|context| Pin::new(&mut *stream).poll_write(context, bytes)).await?;
        bytes = bytes.get(written..).filter(|_| written > 0).ok_or(io::ErrorKind::WriteZero)?;
    }
    poll_fn(|context| Pin::new(&mut *stream).poll_flush(context)).await
}

/// Closes the connection so that the client can read the answer: with bytes of it unread, the kernel would answer with
/// a reset, and a reset discards what the client has not read yet. A client that goes on and on gets the reset.
pub(crate) async fn close(mut stream: Stream) {
    let politely = async {
        poll_fn(|context| Pin::new(&mut stream).poll_shutdown(context)).await?;
        let mut waste = [0; 4096];
        let mut left = MAX_LINGER_BYTES;
        while left > 0 {
            match read(&mut stream, &mut waste).await? {
                0 => break,
                more => left = left.saturating_sub(more),
            }
        }
        Ok::<_, io::Error>(())
    };
    match timeout(LINGER_TIMEOUT, politely).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::trace!(%error, "client reset the connection"),
        Err(_elapsed) => tracing::trace!("client kept the closed connection open"),
    }
}

/// Reads what is there; 0 is the end.
///
/// # Cancel safety
/// Safe: nothing is read unless it returns.
pub(crate) async fn read<R: AsyncRead + Unpin>(from: &mut R, into: &mut [u8]) -> io::Result<usize> {
    let mut buffer = ReadBuf::new(into);
    poll_fn(|context| Pin::new(&mut *from).poll_read(context, &mut buffer)).await?;
    Ok(buffer.filled().len())
}
