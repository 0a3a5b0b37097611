use super::bench::{
    Broken, Destination, Silence, checkpoint, connect, deliver, go_on, holds, same, write_datum,
};
use crate::{Failure, Sink};

/// Most connects until the record at fault must be known.
const MAX_TRIES: u32 = 10;

/// One record that the destination refuses costs none of its neighbours.
///
/// # Errors
/// Anything else.
pub fn refused_record_is_named_and_its_neighbours_arrive<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("refused") else { return Ok(()) };
    let Some(refused) = destination.refused() else { return Ok(()) };
    let mut sink = destination.sink();
    for _ in 0..MAX_TRIES {
        same("checkpoint", connect(&destination, &mut *sink)?, None)?;
        match try_batch(&destination, &mut *sink, &refused) {
            Err(Failure::Retry { .. }) => {}
            Err(Failure::Data { position, .. }) => {
                same("position of the refused record", position, 3)?;
                same("checkpoint", connect(&destination, &mut *sink)?, None)?;
                deliver(&destination, &mut *sink, [1, 2, 4, 5])?;
                return holds(&destination, &[1, 2, 4, 5]);
            }
            Err(Failure::Refused { .. }) => return search(&destination, &mut *sink, &refused),
            other => return Err(Broken::new(format!("a batch with a bad record gave {other:?}"))),
        }
    }
    Err(Broken::new("the record at fault was never named"))
}

/// Which record it is, the destination doesn't say: halves of the batch find it.
fn search<D: Destination>(destination: &D, sink: &mut dyn Sink, refused: &[u8]) -> Result<(), Broken> {
    same("checkpoint", connect(destination, sink)?, None)?;
    deliver(destination, sink, 1..=2)?;
    write_datum(destination, sink, 3, refused)?;
    let alone = sink.commit(checkpoint(3));
    if !matches!(alone, Err(Failure::Refused { .. })) {
        return Err(Broken::new(format!("the bad record alone gave {alone:?}")));
    }
    same("checkpoint", connect(destination, sink)?, Some(checkpoint(2)))?;
    deliver(destination, sink, 4..=5)?;
    holds(destination, &[1, 2, 4, 5])
}

fn try_batch<D: Destination>(destination: &D, sink: &mut dyn Sink, refused: &[u8]) -> Result<(), Failure> {
    for position in 1..=5 {
        let datum = if position == 3 { refused.to_vec() } else { destination.datum(position) };
        write_datum(destination, sink, position, &datum)?;
    }
    sink.commit(checkpoint(5))
}

/// A destination that accepts and never answers is a retry, and nothing is lost or repeated when it answers again.
///
/// # Errors
/// Anything else.
pub fn silence_in_a_write_ends_in_a_retry<D: Destination>() -> Result<(), Broken> {
    silence::<D>("silent", Silence::Now)
}

/// A commit without an answer is a retry, and the checkpoint tells whether it happened.
///
/// # Errors
/// Anything else.
pub fn silence_in_a_commit_ends_in_a_retry_and_the_checkpoint_tells<D: Destination>() -> Result<(), Broken> {
    silence::<D>("unknown", Silence::InCommit)
}

fn silence<D: Destination>(name: &str, silence: Silence) -> Result<(), Broken> {
    let Some(destination) = D::fresh(name) else { return Ok(()) };
    let mut sink = destination.sink();
    connect(&destination, &mut *sink)?;
    deliver(&destination, &mut *sink, 1..=2)?;
    if !destination.silence(silence) {
        return Ok(());
    }
    let silenced = deliver(&destination, &mut *sink, 3..=4);
    destination.heal();
    if !matches!(silenced, Err(Failure::Retry { .. })) {
        return Err(Broken::new(format!("a destination that does not answer gave {silenced:?}")));
    }
    let committed = connect(&destination, &mut *sink)?;
    go_on(&destination, &mut *sink, committed, 5)?;
    holds(&destination, &[1, 2, 3, 4, 5])
}
