use kalends_journal::ShardLog;
use kalends_sink::{Checkpoint, JournalId};

/// What names the positions of one shard of a journal: the shard, and the journal's identity, or more than one where the journal
/// was adopted.
#[derive(Debug)]
pub(crate) struct JournalIds {
    shard: u32,
    present: NamedId,
    /// Each with the last position that is known by it, the oldest first.
    former: Vec<(u64, NamedId)>,
}

/// An identity and its text, as records have it.
#[derive(Debug, Clone)]
pub(crate) struct NamedId {
    pub(crate) id: JournalId,
    pub(crate) name: String,
}

impl NamedId {
    fn new(id: JournalId) -> Self {
        Self { id, name: id.to_string() }
    }
}

impl JournalIds {
    pub(crate) fn of(log: &dyn ShardLog) -> Self {
        let former = log.former_ids().iter().map(|former| (former.last_position, NamedId::new(former.id)));
        let shard = log.shard().number();
        Self { shard, present: NamedId::new(log.id()), former: former.collect() }
    }

    /// The number of the shard that the positions are of.
    pub(crate) fn shard(&self) -> u32 {
        self.shard
    }

    /// The identity of no journal.
    pub(crate) fn nobodys() -> Self {
        Self { shard: 0, present: NamedId::new(JournalId::new([0; 16])), former: Vec::new() }
    }

    /// The one by which a position is known.
    pub(crate) fn at(&self, position: u64) -> &NamedId {
        let former = self.former.iter().find(|(last, _)| position <= *last);
        former.map_or(&self.present, |(_, former)| former)
    }
}

/// Whether a checkpoint is of this journal, under its present identity or a former one.
pub(crate) fn is_of(log: &dyn ShardLog, checkpoint: &Checkpoint) -> bool {
    checkpoint.journal == log.id() || is_former(log, checkpoint)
}

/// Whether a checkpoint is of this journal under an identity that it had before it was adopted.
pub(crate) fn is_former(log: &dyn ShardLog, checkpoint: &Checkpoint) -> bool {
    log.former_ids().iter().any(|former| former.id == checkpoint.journal)
}
