//! What an operator may do to a topic by mistake.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context as Task, Poll, Wake, Waker},
    thread::{self, Thread},
};

use anyhow::Context;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
};

use crate::wait::PATIENCE;

/// Deletes a topic and waits until the brokers have agreed on it.
///
/// # Errors
/// The brokers don't answer or refuse.
pub fn delete(bootstrap: &str, topic: &str) -> anyhow::Result<()> {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", bootstrap).create()?;
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
    let results = block_on(admin.delete_topics(&[topic], &options))?;
    let result = results.into_iter().next().context("no answer about the topic")?;
    result.map(drop).map_err(|(topic, code)| anyhow::anyhow!("can't delete topic {topic}: {code}"))
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut task = Task::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
        thread::park();
    }
}
