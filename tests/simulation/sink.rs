use std::{mem, time::Duration};

use kalends_sink::{Checkpoint, Failure, JournalId, Pacing, Record, Sink, Stream};

use crate::{
    destination::{Destination, FENCED, InDoubt, Kept},
    event::{LARGEST_DATUM, REJECTED_KEY},
};

/// One process' client of a destination.
pub(crate) struct Transactional {
    destination: Destination,
    epoch: u64,
    streams: Vec<Stream>,
    written: Vec<Kept>,
    /// The checkpoint before the last commit, if that was answered: who made it knows better than to go on from here.
    before: Option<Checkpoint>,
}

impl Transactional {
    pub(crate) fn new(destination: Destination) -> Self {
        Self { destination, epoch: 0, streams: Vec::new(), written: Vec::new(), before: None }
    }

    fn keep(&self, record: &Record<'_>) -> Result<Kept, Failure> {
        let topic = self.streams[record.stream].topic.to_string();
        let refuse = |reason| Failure::Data { position: record.position, reason, message: "no".to_owned() };
        if record.datum.len() > LARGEST_DATUM {
            return Err(refuse("too-large"));
        }
        if record.key == REJECTED_KEY {
            return Err(refuse("rejected-by-sink"));
        }
        let reason = record.dead_letter.map(|(reason, _)| reason.to_owned());
        Ok(Kept { topic, key: record.key.to_owned(), position: record.position, reason })
    }
}

impl Sink for Transactional {
    fn connect(&mut self, _: JournalId, streams: &[Stream]) -> Result<Option<Checkpoint>, Failure> {
        self.written.clear();
        let mut state = self.destination.state();
        let now = self.destination.time.elapsed();
        let answer = state.answer(now).and_then(|()| state.schemas(now));
        if let Err(failure) = answer {
            drop(state);
            self.destination.tell(format_args!("connect: {failure}"));
            return Err(failure);
        }
        state.decide();
        state.epoch += 1;
        (self.epoch, self.streams) = (state.epoch, streams.to_vec());
        let older = self.before.filter(|_| state.is_put_back(now));
        let checkpoint = older.or(state.checkpoint);
        drop(state);
        self.destination.tell(format_args!("connected at {}", checkpoint.map_or(0, |at| at.position)));
        Ok(checkpoint)
    }

    fn write(&mut self, records: &[Record<'_>]) -> Result<(), Failure> {
        self.destination.state().answer(self.destination.time.elapsed())?;
        for record in records {
            let kept = self.keep(record)?;
            self.written.push(kept);
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), Failure> {
        let records = mem::take(&mut self.written);
        self.before = None;
        let mut state = self.destination.state();
        if state.fences && self.epoch != state.epoch {
            return Err(Failure::hold(FENCED));
        }
        if let Err(failure) = state.answer(self.destination.time.elapsed()) {
            // It may have arrived, and the answer may be what was lost.
            state.in_doubt = Some(InDoubt { records, checkpoint, epoch: self.epoch });
            drop(state);
            self.destination.tell(format_args!("commit of {}: {failure}", checkpoint.position));
            return Err(failure);
        }
        if state.accident(15) {
            return Err(Failure::retry("a message has expired"));
        }
        let count = records.len();
        let before = state.checkpoint;
        state.apply(records, checkpoint);
        let lost_answer = state.accident(15);
        drop(state);
        self.before = before.filter(|before| !lost_answer && before.position < checkpoint.position);
        self.destination.tell(format_args!("{count} records, through {}", checkpoint.position));
        if lost_answer { Err(Failure::retry("the answer to a commit was lost")) } else { Ok(()) }
    }

    fn pacing(&self) -> Pacing {
        Pacing { records: 40, bytes: 20_000, delay: Duration::from_millis(200) }
    }
}
