use std::{
    mem,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};
use rdkafka::message::{Header, OwnedHeaders};

use crate::{
    Delivery, Metrics, Settings, SettingsError,
    checkpoint::{self, CheckpointRecord, CheckpointTopic, Owner, PARTITION, SHARD, Undecided},
    client::{Client, LogLimiter, Undelivered},
    config::{self, Batching},
    errors::Class,
    metrics::SinkMetrics,
    producer::{Interruption, Message, Session, Verdict},
    record::{Common, Framing},
    registry, topics,
};

#[cfg(test)]
mod tests;

/// Time that a fenced sink looks for the claim of whoever fenced it. One that comes later is found at the next connect.
const OWNER_SEARCH_TIMEOUT: Duration = Duration::from_secs(3);

/// Most records of a commit that are sent one by one.
const MAX_SINGLE_RECORDS: usize = 500;

/// Headers of an event's record.
const HEADERS: usize = 10;

/// Time that the first attempt to connect waits for an answer, so that it soon shows what keeps the sink from its
/// cluster.
/// Those that follow wait for [`Settings::request_timeout`]: a slow cluster is reached as well.
const FIRST_TIMEOUT: Duration = Duration::from_secs(3);

/// Delivers to the topics of a Kafka cluster.
///
/// Each one that is made is an owner of its own: the first time it connects, it takes over from any other with the
/// same name and journal. Once fenced it stays off until [`Sink::resume`], or until another is made.
pub struct KafkaSink {
    settings: Settings,
    metrics: SinkMetrics,
    owner: Owner,
    /// End of the checkpoint topic when this owner had taken over: whoever else wrote behind it came later.
    taken_at: Option<i64>,
    batching: Batching,
    /// The next connect takes a checkpoint that can't be read for none.
    without_checkpoint: bool,
    /// Connecting has failed, and nobody has been reached since.
    has_tried: bool,
    connection: Option<Connection>,
    value: Vec<u8>,
    scratch: String,
    log_limiter: Arc<LogLimiter>,
}

struct Connection {
    session: Session,
    journal: JournalId,
    /// Each with how its datums are framed and what all of its headers have in common.
    streams: Vec<(Stream, Framing, Common)>,
}

impl KafkaSink {
    /// Checks the settings; talks to nobody before [`Sink::connect`].
    ///
    /// # Errors
    /// [`SettingsError`] names the property that can't be used.
    pub fn new(settings: Settings, metrics: Metrics) -> Result<Self, SettingsError> {
        if let Some(fault) = config::check(&settings).into_iter().next() {
            return Err(fault);
        }
        let owner = Owner::new(settings.started_at)?;
        let metrics = metrics.of_sink(&settings.name);
        Ok(Self {
            settings,
            metrics,
            owner,
            taken_at: None,
            without_checkpoint: false,
            batching: Batching::Normal,
            has_tried: false,
            connection: None,
            value: Vec::new(),
            scratch: String::new(),
            log_limiter: Arc::default(),
        })
    }

    fn client(&self) -> Client {
        Client::new(self.settings.name.clone(), self.metrics.clone(), Arc::clone(&self.log_limiter))
    }

    fn key(&self, journal: JournalId, shard: u32) -> String {
        checkpoint::key(&self.settings.name, journal, shard)
    }

    /// Reads the last checkpoint, claims it, and leaves the session ready for records.
    fn claim(
        &self,
        topic: &CheckpointTopic<'_>,
        session: &mut Session,
        journal: JournalId,
    ) -> Result<Option<Checkpoint>, Interruption> {
        let key = self.key(journal, SHARD);
        let checkpoint = match topic.last(&key, Undecided::Await) {
            Err(Failure::Hold { message }) if self.without_checkpoint => {
                tracing::warn!(
                    sink = self.settings.name,
                    message,
                    "went on without the checkpoint, as ordered"
                );
                None
            }
            last => last.map_err(Interruption::Known)?.and_then(|(_, record)| record.checkpoint()),
        };
        let claim = checkpoint.map_or_else(
            || CheckpointRecord::claim(journal, SHARD, &self.owner),
            |checkpoint| CheckpointRecord::commit(checkpoint, &self.owner),
        );
        session.send(checkpoint_message(&self.settings.checkpoint_topic, &key, &claim.encode()))?;
        session.commit()?;
        Ok(checkpoint)
    }

    /// The owner that has taken over since this sink did.
    fn new_owner(&self, topic: &CheckpointTopic<'_>, journal: JournalId) -> Result<Option<Owner>, Failure> {
        let Some(taken_at) = self.taken_at else { return Ok(None) };
        let last = topic.last(&self.key(journal, SHARD), Undecided::Ignore)?;
        let later = last.filter(|(offset, _)| *offset >= taken_at).map(|(_, record)| record.owner());
        Ok(later.filter(|owner| *owner != self.owner))
    }

    /// Meaning of being fenced: somebody else's claim, or the end of a transaction that took too long.
    fn fenced(&self, journal: JournalId) -> Failure {
        let topic = match CheckpointTopic::new(&self.settings, &self.client()) {
            Ok(topic) => topic,
            Err(failure) => return failure,
        };
        let began = Instant::now();
        while began.elapsed() < OWNER_SEARCH_TIMEOUT {
            match self.new_owner(&topic, journal) {
                Ok(Some(new_owner)) => return self.taken_over(&new_owner),
                Ok(None) => thread::sleep(Duration::from_millis(100)),
                Err(failure) => return failure,
            }
        }
        Failure::retry("the cluster ended a transaction that had taken too long")
    }

    fn taken_over(&self, new_owner: &Owner) -> Failure {
        Failure::hold(format!(
            "sink {:?} was taken over by {new_owner}; this is {}. Two processes deliver the same journal: stop one. \
             To deliver from this one again: `kalends sinks resume {}`, or restart it",
            self.settings.name, self.owner, self.settings.name
        ))
    }

    /// Holds while the checkpoint topic would lose checkpoints. A cluster that does not say how the topic is set delivers.
    fn check_checkpoint_topic(&self, topic: &CheckpointTopic<'_>) -> Result<(), Failure> {
        match topics::checkpoint_fault(&self.settings, topic) {
            Ok(None) => Ok(()),
            Ok(Some(fault)) => Err(Failure::hold(fault)),
            Err(failure) => {
                tracing::debug!(sink = self.settings.name, %failure, "can't see how the checkpoint topic is set");
                Ok(())
            }
        }
    }

    /// Framing of the datums of each stream, which says the schema that they were written with.
    fn framings(&self, streams: &[Stream]) -> Result<Vec<Framing>, Failure> {
        let Some(registry) = &self.settings.registry else {
            return Ok(vec![Framing::SingleObject; streams.len()]);
        };
        let ids = registry::ids(registry, &self.metrics.registry, &self.settings.name, streams)?;
        Ok(ids.into_iter().map(|id| Framing::Registry { id }).collect())
    }

    fn send_all(&mut self, records: &[Record<'_>]) -> Result<(), Interruption> {
        let Some(Connection { session, streams, .. }) = &mut self.connection else {
            return Err(Interruption::Known(not_connected()));
        };
        for record in records {
            let Some((stream, framing, common)) = streams.get(record.stream) else {
                let message = format!("a record for stream {} that was not announced", record.stream);
                return Err(Interruption::Known(Failure::hold(message)));
            };
            let headers = native(common, &self.settings, record, &mut self.scratch);
            framing.frame(&stream.schema, record.datum, &mut self.value);
            session.send(Message {
                topic: &stream.topic,
                partition: None,
                key: record.key,
                value: &self.value,
                headers: Some(headers),
                time: Some(record.received_at.div_euclid(1000)),
                position: record.position,
            })?;
        }
        session.check()
    }

    fn commit_all(&mut self, checkpoint: Checkpoint) -> Result<(), Interruption> {
        let key = self.key(checkpoint.journal, checkpoint.shard);
        let value = CheckpointRecord::commit(checkpoint, &self.owner).encode();
        let Some(Connection { session, .. }) = &mut self.connection else {
            return Err(Interruption::Known(not_connected()));
        };
        if self.settings.delivery == Delivery::AtLeastOnce {
            // Without a transaction only this order keeps the checkpoint behind its records.
            session.drain()?;
        }
        session.send(checkpoint_message(&self.settings.checkpoint_topic, &key, &value))?;
        session.commit()
    }

    /// Ends the connection, and says what its interruption means.
    fn interrupted(&mut self, interruption: Interruption) -> Failure {
        let Some(Connection { session, journal, .. }) = self.connection.take() else {
            return not_connected();
        };
        self.settle(session, journal, interruption)
    }

    fn settle(&mut self, session: Session, journal: JournalId, interruption: Interruption) -> Failure {
        let batching = session.batching;
        match session.end(interruption) {
            Verdict::Failure(failure) => failure,
            Verdict::Fenced => self.fenced(journal),
            Verdict::Refused(lost, _) if lost.position == 0 => Failure::hold(format!(
                "checkpoint topic {:?} refuses checkpoints: {}",
                lost.topic, lost.message
            )),
            Verdict::Refused(_, suspects) if suspects > 1 && batching == Batching::Normal => {
                self.batching = Batching::Singly;
                Failure::retry(format!(
                    "{suspects} records were refused together; sending one by one to find out which is at fault"
                ))
            }
            Verdict::Refused(lost, _) => data(&lost),
        }
    }
}

impl Sink for KafkaSink {
    fn connect(&mut self, journal: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.connection = None;
        let batching = mem::replace(&mut self.batching, Batching::Normal);
        let settings = self.settings.clone();
        let client = self.client();
        let topic = CheckpointTopic::new(&settings, &client)?;
        let tried = mem::replace(&mut self.has_tried, true);
        let longest = settings.request_timeout;
        let timeout = if tried { longest } else { longest.min(FIRST_TIMEOUT) };
        topics::ensure(&settings, &topic.all, streams, timeout)?;
        self.check_checkpoint_topic(&topic)?;
        if let Some(new_owner) = self.new_owner(&topic, journal)? {
            return Err(self.taken_over(&new_owner));
        }
        let framings = self.framings(streams)?;
        let owner = settings.shard.qualify(&settings.name);
        let id = format!("{}{journal}-{owner}", settings.transactional_id_prefix);
        let mut session = Session::open(&settings, &id, batching, client)?;
        self.taken_at = Some(topic.end()?);
        match self.claim(&topic, &mut session, journal) {
            Ok(checkpoint) => {
                let common = streams.iter().map(|stream| Common::new(journal, &stream.schema));
                let streams = streams.iter().cloned().zip(framings).zip(common);
                let streams = streams.map(|((stream, framing), common)| (stream, framing, common)).collect();
                self.connection = Some(Connection { session, journal, streams });
                self.has_tried = false;
                self.without_checkpoint = false;
                Ok(checkpoint)
            }
            Err(interruption) => Err(self.settle(session, journal, interruption)),
        }
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        self.send_all(records).map_err(|interruption| self.interrupted(interruption))
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        let began = Instant::now();
        self.commit_all(checkpoint).map_err(|interruption| self.interrupted(interruption))?;
        self.metrics.commit_seconds.observe(began.elapsed().as_secs_f64());
        Ok(())
    }

    fn resume(&mut self) {
        // As a new process would: whoever wrote before this one comes again is its predecessor.
        self.taken_at = None;
    }

    fn do_without_checkpoint(&mut self) {
        self.without_checkpoint = true;
    }

    fn pacing(&self) -> Pacing {
        let pacing = self.settings.pacing;
        match &self.connection {
            // What is sent in vain until the one at fault is found is sent again.
            Some(Connection { session, .. }) if session.batching == Batching::Singly => {
                Pacing { records: pacing.records.min(MAX_SINGLE_RECORDS), ..pacing }
            }
            _ => pacing,
        }
    }
}

fn not_connected() -> Failure {
    Failure::retry("not connected")
}

fn data(lost: &Undelivered) -> Failure {
    let reason = if lost.class == Class::TooLarge { "too-large" } else { "rejected-by-sink" };
    let message = format!("topic {:?}: {}", lost.topic, lost.message);
    Failure::Data { position: lost.position, reason, message }
}

fn checkpoint_message<'a>(topic: &'a str, key: &'a str, value: &'a str) -> Message<'a> {
    let (partition, value) = (Some(PARTITION), value.as_bytes());
    Message { topic, partition, key, value, headers: None, time: None, position: 0 }
}

fn native(common: &Common, settings: &Settings, record: &Record<'_>, scratch: &mut String) -> OwnedHeaders {
    let mut native = Some(OwnedHeaders::new_with_capacity(HEADERS));
    let mut put = |key, value: &str| {
        let header = Header { key, value: Some(value.as_bytes()) };
        native = native.take().map(|headers| headers.insert(header));
    };
    common.each(&settings.name, record, scratch, &mut put);
    if let Some(replay) = &settings.replay {
        put("kalends-replay", replay);
    }
    native.unwrap_or_default()
}
