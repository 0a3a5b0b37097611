use super::bench::{Broken, Destination, JOURNAL, checkpoint, connect, deliver, holds, same, write_datum};
use crate::Failure;

/// Of two sinks on one destination one writes: either the second is refused while the first lives, or the first writes
/// nothing more once the second has taken over.
///
/// # Errors
/// Anything else.
pub fn sink_that_was_taken_over_writes_nothing<D: Destination>() -> Result<(), Broken> {
    let Some(destination) = D::fresh("owners") else { return Ok(()) };
    let (mut first, mut second) = (destination.sink(), destination.sink());
    connect(&destination, &mut *first)?;
    deliver(&destination, &mut *first, 1..=1)?;
    write_datum(&destination, &mut *first, 2, &destination.datum(2))?;
    if let Err(failure) = second.connect(JOURNAL, &destination.streams()) {
        if !matches!(failure, Failure::Hold { .. }) {
            return Err(Broken::new(format!("a second sink is told {failure:?}, and not to hold")));
        }
        first.commit(checkpoint(2))?;
        drop(first);
        same("checkpoint", connect(&destination, &mut *second)?, Some(checkpoint(2)))?;
        return holds(&destination, &[1, 2]);
    }
    deliver(&destination, &mut *second, 2..=2)?;
    let late = first.commit(checkpoint(2));
    if late.is_ok() {
        return Err(Broken::new("the sink that was taken over has committed"));
    }
    let again = first.connect(JOURNAL, &destination.streams());
    if !matches!(again, Err(Failure::Hold { .. })) {
        return Err(Broken::new(format!("the sink that was taken over connects again: {again:?}")));
    }
    deliver(&destination, &mut *second, 3..=3)?;
    holds(&destination, &[1, 2, 3])
}
