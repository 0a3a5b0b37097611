use super::bench::{Broken, Destination, checkpoint, connect, deliver, go_on, holds, same, write_datum};
use crate::{Failure, Sink};

/// Positions of the script that is interrupted.
const LAST: u64 = 6;

/// Most steps that a script may have.
const MAX_STEPS: u32 = 2000;

/// A connect makes void what was not committed, of a process that is gone and of its own.
///
/// # Errors
/// Anything else.
pub fn written_and_not_committed_is_void<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("void") else { return Ok(()) };
    let mut sink = destination.sink();
    connect(&destination, &mut *sink)?;
    deliver(&destination, &mut *sink, 1..=2)?;
    write_datum(&destination, &mut *sink, 3, &destination.datum(3))?;
    drop(sink);
    let mut next = destination.sink();
    same("checkpoint", connect(&destination, &mut *next)?, Some(checkpoint(2)))?;
    write_datum(&destination, &mut *next, 3, &destination.datum(3))?;
    same("checkpoint", connect(&destination, &mut *next)?, Some(checkpoint(2)))?;
    deliver(&destination, &mut *next, 3..=4)?;
    holds(&destination, &[1, 2, 3, 4])
}

/// The next process delivers the rest, each position once, wherever the process before it died.
///
/// # Errors
/// Anything else.
pub fn process_that_dies_at_any_step_loses_and_repeats_nothing<D: Destination>() -> Result<(), Broken> {
    for step in 1..=MAX_STEPS {
        let Some(destination) = D::fresh(&format!("dies-{step}")) else { return Ok(()) };
        let Some(mut dying) = destination.dying_sink(step) else { return Ok(()) };
        let survived = script(&destination, &mut *dying).is_ok();
        drop(dying);
        let mut next = destination.sink();
        let committed = connect(&destination, &mut *next)?;
        go_on(&destination, &mut *next, committed, LAST)?;
        let positions: Vec<u64> = (1..=LAST).collect();
        holds(&destination, &positions)
            .map_err(|broken| Broken::new(format!("died at step {step}: {broken}")))?;
        if survived {
            return Ok(());
        }
    }
    Err(Broken::new(format!("a process still died at step {MAX_STEPS}")))
}

fn script<D: Destination>(destination: &D, sink: &mut dyn Sink) -> Result<(), Failure> {
    sink.connect(checkpoint(0).journal, &destination.streams())?;
    deliver(destination, sink, 1..=2)?;
    deliver(destination, sink, 3..=3)?;
    write_datum(destination, sink, 4, &destination.datum(4))?;
    sink.connect(checkpoint(0).journal, &destination.streams())?;
    deliver(destination, sink, 4..=5)
}
