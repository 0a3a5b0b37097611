//! Rounds: requests at once, until every event is answered.

use std::time::Instant;

use jiff::Timestamp;
use kalends_sink::Failure;

use super::HttpSink;
use crate::{
    answer::{Meaning, Named},
    event::Event,
    round::{Pack, Part, Request, Wave},
    send::Outcome,
    store::{Cause, Doubt, Round, RoundItem},
};

/// The faults of a round.
#[derive(Debug, Default)]
struct Trouble {
    hold: Option<String>,
    refused: Option<(u64, &'static str, String)>,
    retry: Option<String>,
    doubts: Vec<Doubt>,
}

impl Trouble {
    /// The gravest of it.
    fn failure(self) -> Option<Failure> {
        if let Some(message) = self.hold {
            return Some(Failure::Hold { message });
        }
        if let Some((position, reason, message)) = self.refused {
            return Some(Failure::Data { position, reason, message });
        }
        self.retry.map(Failure::retry)
    }
}

impl HttpSink {
    /// Delivers events: those that the process before this one had sent first, then the others.
    pub(super) fn deliver(&mut self, events: &[&Event], deadline: Instant) -> Result<(), Failure> {
        let (again, new): (Vec<&Event>, Vec<&Event>) =
            events.iter().partition(|event| event.position <= self.doubt_through);
        self.deliver_group(&again, deadline)?;
        self.deliver_group(&new, deadline)
    }

    fn deliver_group(&mut self, events: &[&Event], deadline: Instant) -> Result<(), Failure> {
        loop {
            let is_open = |event: &&&Event| !self.position.answered.contains(&event.position);
            let open: Vec<&Event> = events.iter().filter(is_open).copied().collect();
            if open.is_empty() {
                return Ok(());
            }
            let Wave { requests, left, refused } = self.wave(&open)?;
            for part in &left {
                self.done(part);
            }
            let mut trouble = Trouble { refused, ..Trouble::default() };
            if !requests.is_empty() {
                self.round(&requests, deadline, &mut trouble)?;
            }
            if let Some((position, ..)) = &trouble.refused
                && let Some(event) = events.iter().find(|event| event.position == *position)
            {
                self.metrics.refused(&event.record);
            }
            let doubts = std::mem::take(&mut trouble.doubts);
            if let Some(failure) = trouble.failure() {
                self.save(doubts);
                return Err(failure);
            }
        }
    }

    fn wave(&mut self, open: &[&Event]) -> Result<Wave, Failure> {
        let pack = Pack {
            composer: &self.composer,
            most: usize::from(self.settings.in_flight),
            halves: &self.halves,
            now: Timestamp::now().as_microsecond(),
        };
        Ok(pack.wave(open, &mut self.files.memory)?)
    }

    /// Sends requests, after noting that their events are in doubt.
    fn round(
        &mut self,
        requests: &[Request],
        deadline: Instant,
        trouble: &mut Trouble,
    ) -> Result<(), Failure> {
        if !self.settings.send {
            for request in requests {
                self.taken(request, &[], false);
            }
            return Ok(());
        }
        if let Some(until) = self.pace.blocked_until().filter(|until| *until > deadline) {
            return Err(Failure::retry(self.asks_to_wait(until)));
        }
        self.note_doubts(Vec::new())?;
        self.note_round(requests)?;
        let Some(sender) = &self.sender else { return Err(Failure::retry("not connected")) };
        let outcomes = sender.send_all(requests, &self.pace, deadline);
        for (request, outcome) in requests.iter().zip(outcomes) {
            self.take(request, outcome, trouble);
        }
        Ok(())
    }

    fn note_round(&mut self, requests: &[Request]) -> Result<(), Failure> {
        let Some(journal) = self.journal else { return Err(Failure::retry("not connected")) };
        let parts = requests.iter().filter(|request| !request.is_empty).flat_map(|request| &request.parts);
        let item =
            |part: &Part| RoundItem { position: part.position, record: part.record.clone(), hash: part.hash };
        let items: Vec<RoundItem> = parts.map(item).collect();
        for item in &items {
            if self.hashes.remove(&item.position).is_some_and(|hash| hash != item.hash) {
                self.metrics.changed.inc();
            }
        }
        let mut position = self.position.clone();
        position.round = Some(Round { items });
        self.write_note(journal, position)
    }

    /// The outcome of a request.
    fn take(&mut self, request: &Request, outcome: Outcome, trouble: &mut Trouble) {
        let meaning = match outcome {
            Outcome::Known(meaning) => meaning,
            Outcome::TooEarly => {
                let until = self.pace.blocked_until().unwrap_or_else(Instant::now);
                trouble.retry.get_or_insert(self.asks_to_wait(until));
                return;
            }
        };
        match meaning {
            Meaning::Taken(named) => self.named(request, &named, trouble),
            Meaning::Refused { status, message } => self.refused(request, status, message, trouble),
            Meaning::Hold { message, is_doubt } => {
                trouble.hold.get_or_insert(message);
                trouble.doubts.extend(doubts(request).filter(|_| is_doubt));
            }
            Meaning::Retry { message, is_doubt } => {
                trouble.retry.get_or_insert(message);
                trouble.doubts.extend(doubts(request).filter(|_| is_doubt));
            }
            // The sender deals with both.
            Meaning::Pace(_) => {}
            Meaning::Conflict(message) => drop(trouble.retry.get_or_insert(message)),
        }
    }

    fn named(&mut self, request: &Request, named: &[(u64, Named)], trouble: &mut Trouble) {
        for (position, what) in named {
            match what {
                Named::Refused(message) => {
                    trouble.refused.get_or_insert((*position, "rejected-by-sink", message.clone()));
                }
                Named::Retry(message) => drop(trouble.retry.get_or_insert(message.clone())),
            }
        }
        self.taken(request, named, true);
    }

    /// A request is refused: alone, its event is a dead letter; of several each half is tried.
    fn refused(&mut self, request: &Request, status: u16, message: String, trouble: &mut Trouble) {
        if let [part] = request.parts.as_slice() {
            let reason = if status == 413 { "too-large" } else { "rejected-by-sink" };
            trouble.refused.get_or_insert((part.position, reason, message));
            return;
        }
        let half = request.parts.len() / 2;
        for part in &request.parts {
            self.halves.insert(part.position, half.max(1));
        }
    }

    /// A request's events are done with, but for those that are named.
    fn taken(&mut self, request: &Request, named: &[(u64, Named)], is_sent: bool) {
        let is_named = |part: &Part| named.iter().any(|(position, _)| *position == part.position);
        for (id, known) in &request.known {
            let mut parts = request.parts.iter().filter(|part| part.subscription.as_ref() == Some(id));
            if parts.any(is_named) {
                continue;
            }
            let mut known = known.clone();
            if !is_sent {
                // The destination has nothing of it.
                known.lists = self.files.memory.get(id).map(|before| before.lists).unwrap_or_default();
            }
            self.files.memory.learn(id.clone(), known);
        }
        request.parts.iter().filter(|part| !is_named(part)).for_each(|part| self.done(part));
    }

    fn done(&mut self, part: &Part) {
        self.position.answered.insert(part.position);
        self.metrics.done(&part.record, part.fate);
    }

    /// Notes what is answered and what is in doubt, so that the next try, of whichever process, sends no more than it has to.
    /// Facts that can't be noted now are noted with the next round, before anything is sent.
    fn save(&mut self, doubts: Vec<Doubt>) {
        let Some(journal) = self.journal else { return };
        let noted = self
            .note_doubts(doubts)
            .and_then(|()| Ok(self.files.memory.keep()?))
            .and_then(|()| self.write_note(journal, self.position.clone()));
        if let Err(error) = noted {
            tracing::debug!(%error, "what is answered is not noted yet");
        }
    }

    fn asks_to_wait(&self, until: Instant) -> String {
        let seconds = until.saturating_duration_since(Instant::now()).as_secs();
        let place = self.sender.as_ref().map(|sender| sender.place.as_str()).unwrap_or_default();
        // Without the seconds, which would make news of it each time.
        let time = if seconds < 60 { "less than a minute" } else { "more than a minute" };
        format!("{place} takes no more requests for now: the next one goes out in {time}")
    }
}

fn doubts(request: &Request) -> impl Iterator<Item = Doubt> {
    let at = Timestamp::now().as_microsecond();
    request.parts.iter().map(move |part| Doubt {
        at,
        cause: Cause::NoAnswer,
        id: part.id.clone(),
        position: part.position,
        record: part.record.clone(),
    })
}
