//! The files that this sink keeps beside the journal, one for each purpose.

mod dead_letters;
mod doubts;
mod memory;
mod position;

pub(crate) use dead_letters::DeadLetterFile;
pub(crate) use doubts::{Cause, Doubt, DoubtFile};
pub(crate) use memory::{Memory, MemoryError};
pub(crate) use position::{Position, PositionNote, Round, RoundItem};
