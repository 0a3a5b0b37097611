use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use kalends_ingress::InMemoryListener;
use tokio::task::JoinSet;

use crate::{
    dice::Dice,
    event::Event,
    history::History,
    request::{Manner, attempt, connect},
};

/// Attempts after which the sender gives up.
const MOST_ATTEMPTS: u32 = 8;

/// The one who sends webhooks: again and again until it is answered 2xx or gives up, and some of them again after that.
#[derive(Debug)]
pub(crate) struct Sender {
    dice: Dice,
    pub(crate) events: Vec<Event>,
    /// What is to be sent next and when, since the world began; by event.
    waiting: BTreeMap<usize, Next>,
    under_way: BTreeMap<usize, u32>,
    answers: Answers,
    attempts: JoinSet<()>,
    next_new: Duration,
    /// The events that were answered 200.
    pub(crate) acknowledged: Vec<usize>,
    /// Events of which no byte may be stored: their sender had no right.
    pub(crate) refused: Vec<usize>,
    pub(crate) unavailable: u64,
}

/// Statuses that have come, and of which event.
type Answers = Arc<Mutex<Vec<(usize, Option<u16>)>>>;

#[derive(Debug, Clone, Copy)]
struct Next {
    at: Duration,
    attempts: u32,
    manner: Option<Manner>,
}

impl Sender {
    pub(crate) fn new(dice: Dice) -> Self {
        Self {
            dice,
            events: Vec::new(),
            waiting: BTreeMap::new(),
            under_way: BTreeMap::new(),
            answers: Arc::default(),
            attempts: JoinSet::new(),
            next_new: Duration::ZERO,
            acknowledged: Vec::new(),
            refused: Vec::new(),
            unavailable: 0,
        }
    }

    /// Makes the events that are due; the load ends at `end`.
    pub(crate) fn make(&mut self, now: Duration, end: Duration) {
        while self.next_new <= now && self.next_new < end {
            let number = self.events.len();
            let event = self.one(number);
            self.events.push(event);
            let wrong = self.refused.last() == Some(&number);
            let manner = wrong.then_some(Manner::WrongToken);
            self.waiting.insert(number, Next { at: now, attempts: 0, manner });
            // Some come in bursts, and sometimes nothing comes for a while.
            self.next_new = now
                + match self.dice.below(100) {
                    0..70 => self.dice.millis(0, 60),
                    70..98 => self.dice.millis(100, 900),
                    _ => self.dice.millis(3_000, 9_000),
                };
        }
    }

    /// One event more: a new one, or one of the last ones again.
    fn one(&mut self, number: usize) -> Event {
        let back = if number > 0 { 1 + self.dice.place(number.min(60)) } else { 0 };
        if back > 0 && self.dice.permille(250) && !self.refused.contains(&(number - back)) {
            return self.events[number - back].clone().again(number, &mut self.dice);
        }
        if self.dice.permille(15) {
            self.refused.push(number);
        }
        Event::any(number, &mut self.dice)
    }

    /// When there is something to make or to send again; the load ends at `end`.
    pub(crate) fn next(&self, end: Duration) -> Option<Duration> {
        let new = Some(self.next_new).filter(|next| *next < end);
        new.into_iter().chain(self.waiting.values().map(|next| next.at)).min()
    }

    /// Begins the attempts that are due; with no listener the connection is refused.
    pub(crate) fn send(
        &mut self,
        now: Duration,
        listener: Option<&InMemoryListener>,
        connections: &mut JoinSet<()>,
    ) {
        let due: Vec<_> = self.waiting.iter().filter(|(_, next)| next.at <= now).map(|(n, _)| *n).collect();
        for number in due {
            let Some(next) = self.waiting.remove(&number) else { continue };
            self.under_way.insert(number, next.attempts + 1);
            let Some(listener) = listener else {
                self.answers.lock().unwrap().push((number, None));
                continue;
            };
            let mut dice = self.dice.fork();
            let manner = next.manner.unwrap_or_else(|| match Manner::any(&mut dice) {
                // Who has the right shows it.
                Manner::WrongToken => Manner::Usual,
                manner => manner,
            });
            let (stream, answers) = (connect(listener, connections), Arc::clone(&self.answers));
            let body = self.events[number].body.clone();
            self.attempts.spawn(async move {
                let answer = attempt(stream, body, manner, dice).await;
                answers.lock().unwrap().push((number, answer));
            });
        }
    }

    /// Takes the answers that have come.
    pub(crate) fn listen(&mut self, now: Duration, history: &History) {
        while self.attempts.try_join_next().is_some() {}
        let answers = std::mem::take(&mut *self.answers.lock().unwrap());
        for (number, answer) in answers {
            let attempts = self.under_way.remove(&number).unwrap_or_default();
            history.tell(format_args!("event {number}: {answer:?}"));
            match answer {
                Some(200) => self.acknowledged.push(number),
                Some(401) => {}
                _ if self.refused.contains(&number) || attempts >= MOST_ATTEMPTS => {}
                _ => {
                    self.unavailable += u64::from(answer == Some(503));
                    let at = now + self.dice.millis(200, 4_000);
                    self.waiting.insert(number, Next { at, attempts, manner: None });
                }
            }
        }
    }

    pub(crate) fn is_waiting(&self) -> bool {
        !self.under_way.is_empty()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.under_way.is_empty() && self.waiting.is_empty()
    }
}
