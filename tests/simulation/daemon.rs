use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use kalends_delivery::{
    Assembly, Clock, DeliveryContext, DeliveryHandle, Selection, SinkLocks, SinkSettings, Start, Task,
    Topics, Wait, privacy,
};
use kalends_ingress::{Endpoint, InMemoryListener, Token};
use kalends_journal::{Journal, JournalReader, OpenError, SteppedJournal, Turn};
use kalends_sink::Sink;
use kalends_trace::Tracer;
use tokio::task::JoinSet;

use crate::{
    dice::Dice,
    request::{PATH, TOKEN},
    time::Time,
    world::World,
};

/// One run of the daemon: all of its crates, and nobody's threads.
pub(crate) struct Daemon {
    pub(crate) journal: Journal,
    pub(crate) log: JournalReader,
    pub(crate) overview: DeliveryHandle,
    /// What answers webhooks, until it is told to stop.
    pub(crate) listener: Option<InMemoryListener>,
    pub(crate) connections: JoinSet<()>,
    hand: SteppedJournal,
    /// The journal's writer does nothing before this time.
    writer_rests_until: Duration,
    seats: Vec<SinkLock>,
    /// How its writer ended, once it has.
    pub(crate) writer_ended: Option<bool>,
}

/// A worker and what it waits for.
struct SinkLock {
    worker: Box<dyn Task>,
    rest: Wait,
    since: Duration,
    /// What it did last takes so long.
    busy_until: Duration,
}

/// Who has a turn.
#[derive(Debug, Clone, Copy)]
enum Who {
    Writer,
    SinkLock(usize),
}

impl Daemon {
    /// Opens the journal and puts everything together, as the daemon does at its start.
    pub(crate) fn start(world: &World) -> Result<Self, OpenError> {
        let metrics = kalends_journal::Metrics::default();
        let (journal, hand) = Journal::open_stepped(&world.disk, world.journal.clone(), metrics)?;
        let time = world.time.clone();
        let clock = {
            let time = time.clone();
            Clock::new(move || time.wall()).with_steady(Time::steady)
        };
        let settings = kalends_delivery::Settings {
            window: world.window,
            state_directory: Some(world.directory.path().join("journal/sinks")),
            counted_after: None,
            tracer: Tracer::default(),
        };
        let metrics = kalends_delivery::Metrics::register(&prometheus::Registry::new()).unwrap();
        let plan = Arc::clone(&world.plan);
        let seats = SinkLocks::default();
        let basis = DeliveryContext { log: journal.log(), plan, settings, clock, metrics, seats };
        let assembly = Assembly::new(basis, sinks(world)).unwrap();
        let endpoint = Endpoint {
            name: "main".to_owned(),
            path: PATH.to_owned(),
            tokens: vec![Token::new(TOKEN).unwrap()],
            allow: Vec::new(),
        };
        let listen = kalends_ingress::Settings {
            max_body_bytes: 4_000,
            max_in_flight_bytes: 40_000,
            ..kalends_ingress::Settings::new((Ipv4Addr::LOCALHOST, 0).into(), vec![endpoint])
        };
        let seat = |(_, worker)| SinkLock {
            worker,
            rest: Wait::No,
            since: Duration::ZERO,
            busy_until: Duration::ZERO,
        };
        Ok(Self {
            listener: Some(InMemoryListener::new(listen, journal.appender(), move || time.wall()).unwrap()),
            log: journal.log(),
            journal,
            hand,
            overview: assembly.overview,
            connections: JoinSet::new(),
            writer_rests_until: Duration::ZERO,
            seats: assembly.workers.into_iter().map(seat).collect(),
            writer_ended: None,
        })
    }

    /// The disk answers nobody until then.
    pub(crate) fn stall_disk(&mut self, until: Duration) {
        self.writer_rests_until = self.writer_rests_until.max(until);
    }

    /// Gives one of those that can go on a turn, if there is any.
    pub(crate) fn turn(&mut self, now: Duration, dice: &mut Dice) -> bool {
        let mut able = self.able(now);
        while !able.is_empty() {
            match able.swap_remove(dice.place(able.len())) {
                Who::Writer if self.write(now, dice) => return true,
                Who::Writer => {}
                Who::SinkLock(index) => {
                    self.seats[index].turn(now, dice);
                    return true;
                }
            }
        }
        false
    }

    fn able(&self, now: Duration) -> Vec<Who> {
        let seats = (0..self.seats.len()).filter(|index| self.seats[*index].is_able(now)).map(Who::SinkLock);
        let writes = self.writer_ended.is_none() && self.writer_rests_until <= now;
        writes.then_some(Who::Writer).into_iter().chain(seats).collect()
    }

    fn write(&mut self, now: Duration, dice: &mut Dice) -> bool {
        match self.hand.turn(Time::steady()) {
            Turn::Worked => {
                if dice.permille(200) {
                    self.writer_rests_until = now + dice.millis(1, 40);
                }
                true
            }
            Turn::Idle => false,
            Turn::LacksRoom(time) => {
                self.writer_rests_until = now + time;
                true
            }
            Turn::Ended(ended) => {
                self.writer_ended = Some(ended.is_ok());
                true
            }
        }
    }

    /// When somebody who waits for nothing else goes on.
    pub(crate) fn next(&self, now: Duration) -> Option<Duration> {
        let writer = Some(self.writer_rests_until).filter(|at| *at > now && self.writer_ended.is_none());
        writer.into_iter().chain(self.seats.iter().filter_map(SinkLock::next)).min()
    }

    /// Whether delivery has come to its end.
    pub(crate) fn has_delivered(&self) -> bool {
        self.seats.iter().all(|seat| seat.rest == Wait::Ended)
    }
}

impl SinkLock {
    fn is_able(&self, now: Duration) -> bool {
        self.busy_until <= now
            && match self.rest {
                Wait::No => true,
                Wait::Ended => false,
                Wait::ForEvents(time) | Wait::ForStop(time) => {
                    now >= self.since + time || self.worker.is_called(self.rest)
                }
            }
    }

    fn turn(&mut self, now: Duration, dice: &mut Dice) {
        self.rest = self.worker.turn();
        self.since = now;
        if dice.permille(100) {
            self.busy_until = now + dice.millis(1, 60);
        }
    }

    fn next(&self) -> Option<Duration> {
        match self.rest {
            Wait::No => Some(self.busy_until),
            Wait::Ended => None,
            Wait::ForEvents(time) | Wait::ForStop(time) => {
                let called = self.worker.is_called(self.rest);
                Some(if called { self.busy_until } else { self.busy_until.max(self.since + time) })
            }
        }
    }
}

fn sinks(world: &World) -> Vec<SinkSettings> {
    let settings = |name: &str, sink: Box<dyn Sink>, required| SinkSettings {
        name: name.to_owned(),
        sink,
        required,
        start: Start::Earliest,
        selection: Selection::All,
        topics: Topics::default(),
        strip_nul: false,
        privacy: privacy::Rules::default(),
    };
    let [required, extra] = &world.destinations;
    let mut sinks =
        vec![settings(required.name, required.sink(), true), settings(extra.name, extra.sink(), false)];
    if let Some(files) = &world.files {
        let sink = kalends_sink_files::FileSink::new(files.clone());
        sinks.push(settings("files", Box::new(sink), true));
    }
    sinks
}
