//! The floor: the barest program that keeps the promises, as the yardstick of `cargo xtask bench`.
//!
//! HTTP in, durable before the 200, parsed, deduplicated, written as an Avro datum, delivered to Kafka exactly once, the
//! position in the same transaction. It takes Subscribe events in the sender's own spelling and ends at the first fault of
//! any kind. What it leaves out costs nothing per event: starting again from what is on disk.

mod datum;
mod delivery;
mod event;
mod http;
mod kafka;
mod log;

use std::{env, io::Write as _, path::PathBuf, sync::Arc};

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let file = PathBuf::from(arguments.next().context("in which file is the log to be?")?);
    let brokers = arguments.next().context("which Kafka brokers?")?.into_string().ok();
    let brokers = brokers.context("the brokers' addresses are no text")?;

    let log = log::Log::create(&file)?;
    let delivered = Arc::default();
    let producer = kafka::Producer::connect(&brokers)?;
    delivery::start(Arc::clone(&log.synced), &file, producer, Arc::clone(&delivered))?;
    // One thread is enough for HTTP here, and measured cheaper than more.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        http::serve(listener, log.queue, delivered).await
    })
}
