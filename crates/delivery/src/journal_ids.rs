use kalends_journal_local::JournalReader;
use kalends_sink::{Checkpoint, JournalId};

/// The identities by which a journal's positions are known: more than one where it was adopted.
#[derive(Debug)]
pub(crate) struct JournalIds {
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
    fn new(id: [u8; 16]) -> Self {
        let id = JournalId::new(id);
        Self { id, name: id.to_string() }
    }
}

impl JournalIds {
    pub(crate) fn of(log: &JournalReader) -> Self {
        let former = log.former_ids().iter().map(|former| (former.last_position, NamedId::new(former.id)));
        Self { present: NamedId::new(log.id()), former: former.collect() }
    }

    /// That of no journal.
    pub(crate) fn nobodys() -> Self {
        Self { present: NamedId::new([0; 16]), former: Vec::new() }
    }

    /// The one by which a position is known.
    pub(crate) fn at(&self, position: u64) -> &NamedId {
        let former = self.former.iter().find(|(last, _)| position <= *last);
        former.map_or(&self.present, |(_, former)| former)
    }
}

/// Whether a checkpoint is of this journal, under its present identity or a former one.
pub(crate) fn is_of(log: &JournalReader, checkpoint: &Checkpoint) -> bool {
    checkpoint.journal == JournalId::new(log.id()) || is_former(log, checkpoint)
}

/// Whether a checkpoint is of this journal under an identity that it had before it was adopted.
pub(crate) fn is_former(log: &JournalReader, checkpoint: &Checkpoint) -> bool {
    log.former_ids().iter().any(|former| JournalId::new(former.id) == checkpoint.journal)
}
