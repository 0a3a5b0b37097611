//! The public listener over real sockets and a real journal.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod answers;
mod client;
mod daemon;
mod http2;
mod http2_frames;
mod limits;
mod order;
mod refused_bodies;
mod shutdown;
mod slowness;
mod storage;
mod strangers;
mod tls;
mod wire;
