use kalends_journal::JournalId;
use serde::{Deserialize, Serialize};

/// How far a sink has got, and in which history.
///
/// A position alone would also fit a journal that was put back from a backup and then grew differently;
/// with the chained checksum of its frame it names one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The journal that was read.
    pub journal: JournalId,
    /// The journal's shard; 0 for a local journal.
    pub shard: u32,
    /// The last position delivered (or passed over); 0 before the first.
    pub position: u64,
    /// The chained checksum of the frame at `position`; the journal's genesis checksum at position 0.
    pub chain: u64,
}
