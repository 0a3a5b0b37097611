/// The one shard of a local journal.
pub(crate) const SHARD: u32 = 0;
