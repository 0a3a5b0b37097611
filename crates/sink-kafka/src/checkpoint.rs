//! The checkpoint topic: how far each sink has got, and who owns it.

mod owner;
mod record;
mod topic;

pub(crate) use owner::Owner;
pub(crate) use record::{CheckpointRecord, key};
pub(crate) use topic::{CheckpointTopic, PARTITION, SHARD, Undecided};
