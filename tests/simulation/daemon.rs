use std::{sync::Arc, time::Duration};

use kalends_delivery::{
    CheckedSinks, Clock, DeliveryContext, DeliveryHandle, DeliveryTasks, Selection, SinkLocks, SinkSettings,
    Start, Topics, privacy,
};
use kalends_ingress::InMemoryListener;
use kalends_journal::ShardLog;
use kalends_journal_local::{Journal, OpenError, StateDirectory, SteppedJournal, Turn};
use kalends_sink::Sink;
use kalends_trace::Tracer;
use tokio::task::JoinSet;

use crate::{dice::Dice, request::listener, runner::Runner, time::Time, world::World};

/// One run of the daemon: all of its crates, and nobody's threads.
pub(crate) struct Daemon {
    pub(crate) journal: Journal,
    pub(crate) log: Arc<dyn ShardLog>,
    pub(crate) handle: DeliveryHandle,
    /// What answers webhooks, until it is told to stop.
    pub(crate) listener: Option<InMemoryListener>,
    pub(crate) connections: JoinSet<()>,
    hand: SteppedJournal,
    /// The journal's writer does nothing before this time.
    writer_rests_until: Duration,
    runners: Vec<Runner>,
    context: DeliveryContext,
    /// How its writer ended, once it has.
    pub(crate) writer_ended: Option<bool>,
}

/// Who has a turn.
#[derive(Debug, Clone, Copy)]
enum Who {
    Writer,
    Runner(usize),
}

impl Daemon {
    /// Opens the journal and puts everything together, as the daemon does at its start.
    pub(crate) fn start(world: &World) -> Result<Self, OpenError> {
        let metrics = kalends_journal_local::Metrics::default();
        let (journal, hand) = Journal::open_stepped(&world.disk, world.journal.clone(), metrics)?;
        let time = world.time.clone();
        let clock = Clock::new(move || time.wall()).with_steady(Time::steady);
        let settings = kalends_delivery::Settings {
            window: world.window,
            state: Some(Arc::new(StateDirectory::new(world.directory.path().join("journal/sinks")))),
            forget_list: None,
            counted_after: None,
            configuration: None,
            tracer: Tracer::default(),
        };
        let metrics = kalends_delivery::Metrics::register(&prometheus::Registry::new()).unwrap();
        let plan = Arc::clone(&world.plan);
        let sink_locks = SinkLocks::default();
        let context = DeliveryContext { log: journal.log(), plan, settings, clock, metrics, sink_locks };
        let delivery =
            DeliveryTasks::new(context.clone(), CheckedSinks::new(&world.plan, sinks(world)).unwrap());
        Ok(Self {
            listener: Some(listener(journal.appender(), &world.time)),
            log: journal.log(),
            journal,
            hand,
            handle: delivery.handle,
            connections: JoinSet::new(),
            writer_rests_until: Duration::ZERO,
            runners: delivery.tasks.into_iter().map(|(_, task)| Runner::new(task)).collect(),
            context,
            writer_ended: None,
        })
    }

    /// Delivery ends at once and begins again, as for a reload.
    pub(crate) fn begin_again(&mut self, world: &World) {
        self.handle.stop(Duration::ZERO);
        self.runners.iter_mut().for_each(Runner::end);
        let sinks = CheckedSinks::new(&world.plan, sinks(world)).unwrap();
        let delivery = DeliveryTasks::new(self.context.clone(), sinks);
        self.handle = delivery.handle;
        self.runners = delivery.tasks.into_iter().map(|(_, task)| Runner::new(task)).collect();
        world.history.tell("delivery begins again");
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
                Who::Runner(index) => {
                    self.runners[index].turn(now, dice);
                    return true;
                }
            }
        }
        false
    }

    fn able(&self, now: Duration) -> Vec<Who> {
        let runners =
            (0..self.runners.len()).filter(|index| self.runners[*index].is_able(now)).map(Who::Runner);
        let writes = self.writer_ended.is_none() && self.writer_rests_until <= now;
        writes.then_some(Who::Writer).into_iter().chain(runners).collect()
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
        writer.into_iter().chain(self.runners.iter().filter_map(Runner::next)).min()
    }

    /// Whether delivery has come to its end.
    pub(crate) fn has_delivered(&self) -> bool {
        self.runners.iter().all(Runner::has_ended)
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
