use std::{
    collections::{BTreeMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use kalends_journal::{
    Append, AppendError, Appender, Health, JournalId, LogPosition, Pending, Reply, ShardId, ShardLog,
    StateStore,
};
use kalends_receipt::Receipt;
use tokio::sync::{oneshot, watch};

use super::{log::OwnedShard, state::OwnedState};

/// How many shards there are.
pub(crate) const SHARDS: usize = 2;
pub(crate) const JOURNAL: JournalId = JournalId::new([5; 16]);

/// A journal of two shards on brokers that outlive every replica. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct ShardedJournal {
    brokers: Arc<Mutex<Brokers>>,
    /// How long frames are kept behind the low watermark, in microseconds.
    pub(crate) retain: i64,
    health: watch::Sender<Health>,
}

/// What the brokers have.
#[derive(Debug)]
pub(crate) struct Brokers {
    pub(crate) shards: [Frames; SHARDS],
    pub(crate) notes: BTreeMap<String, Vec<u8>>,
}

/// The frames of one shard.
#[derive(Debug)]
pub(crate) struct Frames {
    pub(crate) before_first: LogPosition,
    /// Those behind `durable` are gone when the brokers lose their memory.
    pub(crate) kept: VecDeque<(LogPosition, Bytes)>,
    pub(crate) durable: LogPosition,
    waiting: Vec<(u64, Reply)>,
    /// Grows with each owner.
    pub(crate) epoch: u64,
}

impl Frames {
    fn new(shard: u64) -> Self {
        let genesis = LogPosition { position: 0, chain: shard, time: 0 };
        Self { before_first: genesis, kept: VecDeque::new(), durable: genesis, waiting: Vec::new(), epoch: 0 }
    }

    fn last(&self) -> LogPosition {
        self.kept.back().map_or(self.before_first, |(at, _)| *at)
    }

    fn push(&mut self, wall_time: i64, payload: Bytes, reply: Reply) {
        let LogPosition { position, chain, time } = self.last();
        let mut hasher = DefaultHasher::new();
        (chain, &payload).hash(&mut hasher);
        let at = LogPosition { position: position + 1, chain: hasher.finish(), time: time.max(wall_time) };
        self.kept.push_back((at, payload));
        self.waiting.push((at.position, reply));
    }

    /// What was taken is on every replica of the shard, and who waits is told so, unless the answers are lost.
    fn sync(&mut self, answers: bool) {
        self.durable = self.last();
        for (position, reply) in self.waiting.drain(..).filter(|_| answers) {
            reply.send(Ok(position)).ok();
        }
    }

    /// All brokers lose what is in their memory alone. Nobody who waits is answered.
    fn lose_memory(&mut self) {
        let durable = self.durable.position;
        self.kept.retain(|(at, _)| at.position <= durable);
        self.waiting.clear();
    }
}

impl ShardedJournal {
    pub(crate) fn new(retain: i64) -> Self {
        let shards = [Frames::new(0), Frames::new(1)];
        let brokers = Brokers { shards, notes: BTreeMap::new() };
        Self { brokers: Arc::new(Mutex::new(brokers)), retain, health: watch::Sender::new(Health::Writable) }
    }

    pub(crate) fn brokers(&self) -> MutexGuard<'_, Brokers> {
        self.brokers.lock().unwrap()
    }

    /// Gives a shard to another owner: what a former one says of what may be removed, or notes, no longer counts.
    pub(crate) fn assign(&self, shard: usize) -> u64 {
        let epoch = &mut self.brokers().shards[shard].epoch;
        *epoch += 1;
        *epoch
    }

    /// The shard as the owner of this epoch sees it.
    pub(crate) fn log(&self, shard: usize, epoch: u64) -> Arc<dyn ShardLog> {
        Arc::new(OwnedShard::new(self.clone(), shard, epoch))
    }

    /// The notes as the owner of this epoch sees them.
    pub(crate) fn state(&self, shard: usize, epoch: u64) -> Arc<dyn StateStore> {
        Arc::new(OwnedState::new(self.clone(), shard, epoch))
    }

    pub(crate) fn appender(&self) -> Appender {
        Appender::new(Arc::new(self.clone()))
    }

    pub(crate) fn has_unsynced(&self, shard: usize) -> bool {
        !self.brokers().shards[shard].waiting.is_empty()
    }

    pub(crate) fn sync(&self, shard: usize, answers: bool) {
        self.brokers().shards[shard].sync(answers);
    }

    pub(crate) fn lose_memory(&self) {
        self.brokers().shards.iter_mut().for_each(Frames::lose_memory);
    }
}

impl Append for ShardedJournal {
    fn submit(&self, wall_time: i64, payload: Bytes) -> Result<Pending, AppendError> {
        let (reply, pending) = oneshot::channel();
        let shard = shard_of(&payload);
        self.brokers().shards[shard].push(wall_time, payload, reply);
        Ok(pending)
    }

    fn health(&self) -> Health {
        *self.health.borrow()
    }

    fn watch_health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }
}

/// Equal keys and equal fingerprints give equal shards, however the body is written.
fn shard_of(payload: &[u8]) -> usize {
    let body = Receipt::decode(payload).unwrap().body;
    let text = String::from_utf8_lossy(body);
    let value = |name: &str| text.split_once(name)?.1.split('"').next();
    let key = value("\"calendarSubscriptionId\":\"").or_else(|| value("\"eventId\":\""));
    let mut hasher = DefaultHasher::new();
    key.unwrap_or(&text).hash(&mut hasher);
    usize::try_from(hasher.finish() % 2).unwrap()
}

/// The name of a shard.
pub(crate) fn id(shard: usize) -> ShardId {
    ShardId::new(u32::try_from(shard).unwrap())
}
