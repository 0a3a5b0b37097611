use std::{
    io,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rdkafka::producer::BaseProducer;

use crate::client::Client;

/// Time that the thread waits for reports before it looks whether it is still wanted.
///
/// The client library waits in whole milliseconds and spins through what is left of the last one. A wait that is longer by
/// as much as a sleeping thread oversleeps leaves nothing.
const WAIT: Duration = Duration::from_micros(200_050);

/// A producer with a thread that takes in what it reports, as soon as it does.
pub(crate) struct PollingProducer {
    producer: Arc<BaseProducer<Client>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PollingProducer {
    /// # Errors
    /// There can't be another thread.
    pub(crate) fn new(producer: BaseProducer<Client>) -> io::Result<Self> {
        let (producer, is_over) = (Arc::new(producer), Arc::new(AtomicBool::new(false)));
        let (polled, told) = (Arc::clone(&producer), Arc::clone(&is_over));
        let thread = thread::Builder::new().name("kafka-reports".to_owned()).spawn(move || {
            while !told.load(Ordering::Acquire) {
                polled.poll(WAIT);
            }
        })?;
        Ok(Self { producer, is_over, thread: Some(thread) })
    }
}

impl Deref for PollingProducer {
    type Target = BaseProducer<Client>;

    fn deref(&self) -> &Self::Target {
        &self.producer
    }
}

impl Drop for PollingProducer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // It ends within a wait, and has nothing to say.
            thread.join().ok();
        }
    }
}
