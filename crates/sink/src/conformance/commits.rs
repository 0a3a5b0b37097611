use super::bench::{Broken, Destination, JOURNAL, checkpoint, connect, deliver, holds, same};
use crate::{Checkpoint, JournalId};

/// What was committed is read, and the next process goes on behind it.
///
/// # Errors
/// Anything else.
pub fn commit_is_read_back_with_its_checkpoint<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("read-back") else { return Ok(()) };
    let mut sink = destination.sink();
    same("checkpoint of a new destination", connect(&destination, &mut *sink)?, None)?;
    deliver(&destination, &mut *sink, 1..=3)?;
    deliver(&destination, &mut *sink, 4..=4)?;
    holds(&destination, &[1, 2, 3, 4])?;
    drop(sink);
    let mut next = destination.sink();
    same("checkpoint of the next process", connect(&destination, &mut *next)?, Some(checkpoint(4)))?;
    deliver(&destination, &mut *next, 5..=6)?;
    holds(&destination, &[1, 2, 3, 4, 5, 6])
}

/// Positions that give no record of this sink are committed as well.
///
/// # Errors
/// Anything else.
pub fn commit_without_records_moves_the_checkpoint<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("empty") else { return Ok(()) };
    let mut sink = destination.sink();
    connect(&destination, &mut *sink)?;
    sink.commit(checkpoint(7))?;
    same("checkpoint", connect(&destination, &mut *sink)?, Some(checkpoint(7)))?;
    holds(&destination, &[])
}

/// An operator's seek goes back.
///
/// # Errors
/// Anything else.
pub fn lower_checkpoint_is_kept_after_a_seek<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("seek") else { return Ok(()) };
    let mut sink = destination.sink();
    connect(&destination, &mut *sink)?;
    sink.commit(checkpoint(9))?;
    sink.do_without_checkpoint();
    same("checkpoint that is sound", connect(&destination, &mut *sink)?, Some(checkpoint(9)))?;
    sink.commit(checkpoint(2))?;
    same("checkpoint", connect(&destination, &mut *sink)?, Some(checkpoint(2)))
}

/// A journal that was never seen has no checkpoint, and leaves the other's alone.
///
/// # Errors
/// Anything else.
pub fn checkpoints_of_two_journals_stand_apart<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("journals") else { return Ok(()) };
    let other = JournalId::new([0x0c; 16]);
    let mut sink = destination.sink();
    connect(&destination, &mut *sink)?;
    sink.commit(checkpoint(3))?;
    same("checkpoint of another journal", sink.connect(other, &destination.streams())?, None)?;
    let theirs = Checkpoint { journal: other, ..checkpoint(8) };
    sink.commit(theirs)?;
    same("own checkpoint", sink.connect(JOURNAL, &destination.streams())?, Some(checkpoint(3)))?;
    same("the other's", sink.connect(other, &destination.streams())?, Some(theirs))
}

/// A replay delivers beside live delivery, and moves nothing of it.
///
/// # Errors
/// Anything else.
pub fn replay_leaves_the_checkpoint_of_live_delivery<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("replay") else { return Ok(()) };
    let Some(mut replay) = destination.replay() else { return Ok(()) };
    let mut sink = destination.sink();
    connect(&destination, &mut *sink)?;
    deliver(&destination, &mut *sink, 1..=3)?;
    same("checkpoint of a replay", connect(&destination, &mut *replay)?, None)?;
    deliver(&destination, &mut *replay, 1..=2)?;
    deliver(&destination, &mut *sink, 4..=4)?;
    same("checkpoint of live delivery", connect(&destination, &mut *sink)?, Some(checkpoint(4)))?;
    let again: &[u64] = if destination.replays_in_place() { &[1, 2, 3, 4] } else { &[1, 2, 3, 1, 2, 4] };
    holds(&destination, again)
}
