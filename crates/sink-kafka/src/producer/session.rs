use std::{
    mem, thread,
    time::{Duration, Instant},
};

use kalends_sink::Failure;
use rdkafka::{
    config::FromClientConfigAndContext,
    error::{KafkaError, RDKafkaErrorCode},
    message::OwnedHeaders,
    producer::{BaseProducer, BaseRecord, Producer},
};

use super::{
    polling::PollingProducer,
    verdict::{Ending, Interruption, Verdict},
};
use crate::{
    Delivery, Settings,
    client::{Client, Undelivered},
    config::{self, Batching},
    errors::{Class, advise, classify},
};

/// Longest wait for the end of a transaction that is given up; the next producer would end it as well.
const ABORT_TIMEOUT: Duration = Duration::from_secs(2);

/// One record, framed and addressed.
pub(crate) struct Message<'a> {
    pub(crate) topic: &'a str,
    /// `None`: chosen by the key.
    pub(crate) partition: Option<i32>,
    pub(crate) key: &'a str,
    pub(crate) value: &'a [u8],
    pub(crate) headers: Option<OwnedHeaders>,
    /// Milliseconds since the Unix epoch; `None`: now.
    pub(crate) time: Option<i64>,
    /// Its journal position; 0 for a record of the checkpoint topic.
    pub(crate) position: u64,
}

/// One producer, from its making to its first failure.
pub(crate) struct Session {
    producer: PollingProducer,
    client: Client,
    delivery: Delivery,
    timeout: Duration,
    /// Something was sent that is not committed.
    open: bool,
    /// Records that were sent since the last commit, and the bytes of their keys and values.
    sent: (u64, u64),
    /// The oldest and the newest time of those records, in milliseconds since the Unix epoch.
    times: Option<(i64, i64)>,
    pub(crate) batching: Batching,
}

impl Session {
    /// A producer that is ready for its first transaction. Fences all older ones with its id and ends what they left open.
    pub(crate) fn open(
        settings: &Settings,
        transactional_id: &str,
        batching: Batching,
        client: Client,
    ) -> Result<Self, Failure> {
        let properties = config::producer(settings, transactional_id, batching);
        let explain = |what: &str, error: &KafkaError| client.last_error().explain(what, error);
        let producer = BaseProducer::from_config_and_context(&properties, client.clone())
            .map_err(|error| explain("making the producer", &error))?;
        let producer = PollingProducer::new(producer)
            .map_err(|error| Failure::retry(format!("can't start a thread for the producer: {error}")))?;
        if settings.delivery == Delivery::ExactlyOnce {
            let ready = producer.init_transactions(settings.request_timeout);
            ready.map_err(|error| {
                explain(&format!("starting transactions as {transactional_id:?}"), &error)
            })?;
        }
        let (delivery, timeout) = (settings.delivery, settings.request_timeout);
        Ok(Self { producer, client, delivery, timeout, open: false, sent: (0, 0), times: None, batching })
    }

    /// Hands a record to the client, within a transaction that begins when there is none.
    pub(crate) fn send(&mut self, message: Message<'_>) -> Result<(), Interruption> {
        if !self.open && self.delivery == Delivery::ExactlyOnce {
            self.producer.begin_transaction().map_err(Interruption::Client)?;
        }
        self.open = true;
        let (topic, position) = (message.topic, message.position);
        let opaque = usize::try_from(position).unwrap_or(usize::MAX);
        let mut record = BaseRecord::with_opaque_to(topic, opaque).key(message.key).payload(message.value);
        record.partition = message.partition;
        record.timestamp = message.time;
        record.headers = message.headers;
        let bytes = u64::try_from(message.key.len() + message.value.len()).unwrap_or_default();
        let began = Instant::now();
        while let Err((error, returned)) = self.producer.send(record) {
            if classify(&error) != Class::QueueFull {
                return Err(self.refused(topic, position, error));
            }
            if self.client.delivery_reports().failed() {
                return Err(Interruption::Undelivered);
            }
            if began.elapsed() > self.timeout {
                return Err(Interruption::Stalled(self.timeout));
            }
            nap();
            record = returned;
        }
        if let Some(time) = message.time {
            let (oldest, newest) = self.times.unwrap_or((time, time));
            self.times = Some((oldest.min(time), newest.max(time)));
        }
        if position > 0 {
            self.sent = (self.sent.0 + 1, self.sent.1 + bytes);
        }
        Ok(())
    }

    fn refused(&self, topic: &str, position: u64, error: KafkaError) -> Interruption {
        let class = classify(&error);
        if !matches!(class, Class::TooLarge | Class::Rejected) {
            return Interruption::Client(error);
        }
        let message = advise(&error);
        self.client.delivery_reports().note(Undelivered {
            position,
            topic: topic.to_owned(),
            class,
            is_about_time: false,
            message,
        });
        Interruption::Undelivered
    }

    /// Returns whether a record that was sent is known not to arrive.
    pub(crate) fn check(&self) -> Result<(), Interruption> {
        if self.client.delivery_reports().failed() { Err(Interruption::Undelivered) } else { Ok(()) }
    }

    /// Waits until every record is acknowledged.
    ///
    /// The client's own flush waits in steps of 100 ms; by the time it is called here nothing is left to wait for.
    pub(crate) fn drain(&self) -> Result<(), Interruption> {
        let mut left = self.producer.in_flight_count();
        let mut progress = Instant::now();
        while left > 0 {
            self.check()?;
            if progress.elapsed() > self.timeout {
                return Err(Interruption::Stalled(self.timeout));
            }
            nap();
            let now_left = self.producer.in_flight_count();
            if now_left < left {
                progress = Instant::now();
            }
            left = now_left;
        }
        self.check()
    }

    /// Makes everything that was sent visible at once. On an error the outcome may be unknown.
    pub(crate) fn commit(&mut self) -> Result<(), Interruption> {
        self.drain()?;
        if self.delivery == Delivery::ExactlyOnce {
            self.producer.commit_transaction(self.timeout).map_err(Interruption::Client)?;
        }
        self.open = false;
        self.times = None;
        let (records, bytes) = mem::take(&mut self.sent);
        let metrics = self.client.metrics();
        metrics.committed.inc();
        metrics.messages.inc_by(records);
        metrics.bytes.inc_by(bytes);
        Ok(())
    }

    /// Gives up whatever is not committed, and says why it came to this.
    pub(crate) fn end(mut self, interruption: Interruption) -> Verdict {
        let reason = self.reason_to_abort();
        // Only after the abort has every record been reported on.
        self.abort();
        let fatal = self.producer.client().fatal_error();
        let losses = self.client.delivery_reports().losses();
        let last_error = self.client.last_error();
        Ending { fatal, interruption, losses, reason, times: self.times, last_error }.verdict()
    }

    /// Reason why the client has given the transaction up, if it has: it says so to every call that does not fit, and
    /// to none of the records. In an open transaction the beginning of one never fits.
    fn reason_to_abort(&self) -> Option<KafkaError> {
        if !self.open || self.delivery == Delivery::AtLeastOnce {
            return None;
        }
        self.producer.begin_transaction().err().filter(|error| !is_about_state(error))
    }

    fn abort(&mut self) {
        if !self.open {
            return;
        }
        self.open = false;
        self.client.metrics().aborted.inc();
        if self.delivery == Delivery::ExactlyOnce && self.producer.client().fatal_error().is_none() {
            // Should it fail, the cluster aborts it when the next producer comes, or for its age.
            if let Err(error) = self.producer.abort_transaction(ABORT_TIMEOUT) {
                tracing::debug!(%error, "aborting a transaction");
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // An open transaction would hide from readers what others commit behind it.
        self.abort();
        self.client.metrics().disconnected();
    }
}

fn is_about_state(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::State)
}

fn nap() {
    thread::sleep(Duration::from_millis(1));
}
