use std::{
    thread,
    time::{Duration, Instant},
};

use kalends_sink::Failure;
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

use super::record::CheckpointRecord;
use crate::{
    Settings,
    client::Client,
    config::{self, Isolation},
    errors::{Class, classify},
};

/// The shard that a local journal has.
pub(crate) const SHARD: u32 = 0;

/// The only partition that is used.
pub(crate) const PARTITION: i32 = 0;

/// Part of the topic's end that is read at first; the last record of a sink that is at work stands there.
const FIRST_WINDOW: i64 = 4096;

/// The checkpoint topic, for reading.
pub(crate) struct CheckpointTopic<'a> {
    settings: &'a Settings,
    /// Sees all records; also asked for the topic's true end, and for topics.
    pub(crate) all: BaseConsumer<Client>,
    committed: BaseConsumer<Client>,
}

/// Treatment of transactions of others that are still open when the topic is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// Wait for their end: what is behind them counts.
    Await,
    /// Read up to them after a short wait.
    Ignore,
}

impl<'a> CheckpointTopic<'a> {
    pub(crate) fn new(settings: &'a Settings, client: &Client) -> Result<Self, Failure> {
        let make = |isolation| {
            let properties = config::consumer(settings, isolation);
            BaseConsumer::from_config_and_context(&properties, client.clone())
                .map_err(|error| client.last_error().explain("making a consumer", &error))
        };
        Ok(Self { settings, all: make(Isolation::Uncommitted)?, committed: make(Isolation::Committed)? })
    }

    /// The offset that the next record will have.
    pub(crate) fn end(&self) -> Result<i64, Failure> {
        Ok(self.bounds(&self.all)?.1)
    }

    /// The last committed record with this key, and its offset.
    pub(crate) fn last(
        &self,
        key: &str,
        undecided: Undecided,
    ) -> Result<Option<(i64, CheckpointRecord)>, Failure> {
        let (first, end) = self.bounds(&self.all)?;
        self.wait_for_decision(end, undecided)?;
        let mut window = FIRST_WINDOW;
        loop {
            let from = end.saturating_sub(window).max(first);
            if let Some((offset, value)) = self.scan(from, end, key)? {
                return self.decode(offset, &value);
            }
            if from <= first {
                return Ok(None);
            }
            window = window.saturating_mul(16);
        }
    }

    /// Reads as far as it takes to know whether we may.
    pub(crate) fn try_read(&self) -> Result<(), Failure> {
        let (first, end) = self.bounds(&self.all)?;
        self.scan(end.saturating_sub(1).max(first), end, "").map(drop)
    }

    /// A transaction that is still open hides everything behind it from a reader of committed records,
    /// also what was committed long ago: the last checkpoint may be behind another sink's open transaction.
    fn wait_for_decision(&self, end: i64, undecided: Undecided) -> Result<(), Failure> {
        let timeout = match undecided {
            Undecided::Await => self.settings.request_timeout,
            Undecided::Ignore => self.settings.request_timeout.min(Duration::from_secs(2)),
        };
        let began = Instant::now();
        while self.bounds(&self.committed)?.1 < end {
            if began.elapsed() < timeout {
                thread::sleep(Duration::from_millis(5));
            } else if undecided == Undecided::Ignore {
                return Ok(());
            } else {
                return Err(Failure::retry(format!(
                    "the end of {:?} is hidden by a transaction that somebody has left open",
                    self.settings.checkpoint_topic
                )));
            }
        }
        Ok(())
    }

    fn bounds(&self, consumer: &BaseConsumer<Client>) -> Result<(i64, i64), Failure> {
        let topic = &self.settings.checkpoint_topic;
        consumer
            .fetch_watermarks(topic, PARTITION, self.settings.request_timeout)
            .map_err(|error| self.explain(&error))
    }

    /// The last record with this key from `from` on; an empty value when it was deleted.
    fn scan(&self, from: i64, end: i64, key: &str) -> Result<Option<(i64, Vec<u8>)>, Failure> {
        let mut found = None;
        if from >= end {
            return Ok(found);
        }
        let mut partitions = TopicPartitionList::new();
        let added =
            partitions.add_partition_offset(&self.settings.checkpoint_topic, PARTITION, Offset::Offset(from));
        added.and_then(|()| self.committed.assign(&partitions)).map_err(|error| self.explain(&error))?;
        let mut progress = Instant::now();
        loop {
            match self.committed.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    progress = Instant::now();
                    if message.key() == Some(key.as_bytes()) {
                        found = Some((message.offset(), message.payload().unwrap_or_default().to_vec()));
                    }
                    if message.offset() >= end {
                        return Ok(found);
                    }
                }
                Some(Err(error)) => match classify(&error) {
                    Class::End => return Ok(found),
                    Class::Refused | Class::MissingTopic => return Err(self.explain(&error)),
                    _ => {}
                },
                None => {}
            }
            if progress.elapsed() > self.settings.request_timeout {
                return Err(self.explain(&KafkaError::NoMessageReceived));
            }
        }
    }

    fn decode(&self, offset: i64, value: &[u8]) -> Result<Option<(i64, CheckpointRecord)>, Failure> {
        if value.is_empty() {
            return Ok(None);
        }
        let topic = &self.settings.checkpoint_topic;
        let record = CheckpointRecord::decode(value).map_err(|error| {
            Failure::hold(format!("can't read the checkpoint at offset {offset} of {topic:?}: {error}"))
        })?;
        Ok(Some((offset, record)))
    }

    fn explain(&self, error: &KafkaError) -> Failure {
        let what = format!("reading checkpoint topic {:?}", self.settings.checkpoint_topic);
        self.all.context().last_error().explain(&what, error)
    }
}
