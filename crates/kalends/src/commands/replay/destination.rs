use std::time::Duration;

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};

/// A destination that takes everything and keeps nothing.
pub(super) fn nowhere() -> Box<dyn Sink> {
    Box::new(Nowhere)
}

struct Nowhere;

impl Sink for Nowhere {
    fn connect(&mut self, _: JournalId, _: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        Ok(None)
    }

    fn write(&mut self, _: &[Record<'_>]) -> Result<(), Failure> {
        Ok(())
    }

    fn commit(&mut self, _: Checkpoint) -> Result<(), Failure> {
        Ok(())
    }

    fn pacing(&self) -> Pacing {
        Pacing { records: 10_000, bytes: 64 << 20, delay: Duration::from_secs(1) }
    }
}
