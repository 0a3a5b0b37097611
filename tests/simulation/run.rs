use std::{collections::BTreeMap, fmt, time::Duration};

use kalends_journal::Health;
use kalends_journal_local::{Fault, OpenError};
use kalends_tests::files::records_under;
use tokio::task::yield_now;

use crate::{
    daemon::Daemon,
    destination_fault::FaultPeriod,
    dice::Dice,
    holds::check_holds,
    incidents::{Incident, Incidents},
    oracle::Oracle,
    reference_journal::{ReferenceJournal, Violation},
    seeks::Seeks,
    sender::Sender,
    world::World,
};

/// How long webhooks are sent and faults happen.
const LOAD: Duration = Duration::from_secs(45);
/// When everything must have drained at the latest.
const END: Duration = Duration::from_secs(45 + 240);
/// How long a stop may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
/// From a poisoned journal to the end of the process.
const POISONED_FOR: Duration = Duration::from_secs(5);
/// While requests are under way, time goes no faster than this.
const TICK: Duration = Duration::from_millis(4);
/// More turns than any world needs.
const MOST_TURNS: u32 = 400_000;

/// What became of a world.
pub(crate) struct Outcome {
    pub(crate) verdict: Result<(), Violation>,
    pub(crate) history: String,
    pub(crate) tally: Tally,
}

/// How often what happened.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    fn count(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        other.0.iter().for_each(|(what, times)| self.count(what, *times));
    }

    /// A promise that was never put to the test was not held.
    pub(crate) fn assert_that_everything_was_tried(&self) {
        let incidents = Incident::NAMES.iter().filter(|incident| !self.0.contains_key(*incident));
        let effects = self.0.iter().filter(|(_, times)| **times == 0).map(|(what, _)| what);
        let missing: Vec<_> = incidents.chain(effects).collect();
        assert!(missing.is_empty(), "none of the seeds had any of these: {missing:?}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(what, times)| write!(f, "{times} {what}, "))
    }
}

/// Lets the world of this seed live to its end.
pub(crate) fn run(seed: u64) -> Outcome {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut life = Life::new(seed);
        let verdict = life.live().await.and_then(|()| life.check());
        Outcome { verdict, history: life.world.history.text(), tally: life.tally }
    })
}

struct Life {
    world: World,
    dice: Dice,
    incidents: Incidents,
    sender: Sender,
    reference: ReferenceJournal,
    daemon: Option<Daemon>,
    /// When the daemon is started again, if there is none.
    starts_at: Duration,
    /// When it ends at the latest, once it is told to stop or its journal is poisoned.
    dies_at: Option<Duration>,
    stopping: bool,
    /// The disk fails at some operation, and then the power goes.
    power_goes: bool,
    disk_heals_at: Option<Duration>,
    /// A reading of the disk was made to fail in this run of the daemon: sinks may hold for it.
    reads_fail: bool,
    seeks: Seeks,
    tally: Tally,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let world = World::new(&mut dice);
        Self {
            incidents: Incidents::new(&mut dice, LOAD),
            sender: Sender::new(dice.fork()),
            world,
            dice,
            reference: ReferenceJournal::default(),
            daemon: None,
            starts_at: Duration::ZERO,
            dies_at: None,
            stopping: false,
            power_goes: false,
            disk_heals_at: None,
            reads_fail: false,
            seeks: Seeks::default(),
            tally: Tally::default(),
        }
    }

    async fn live(&mut self) -> Result<(), Violation> {
        for _ in 0..MOST_TURNS {
            yield_now().await;
            let now = self.world.time.elapsed();
            if now >= LOAD {
                self.calm_down();
            }
            self.sender.listen(now, &self.world.history);
            while let Some(incident) = self.incidents.take(now) {
                self.strike(incident, now);
            }
            self.keep_alive(now)?;
            if self.send(now) || self.turn(now)? {
                continue;
            }
            if now >= LOAD && self.is_drained() {
                return self.stop_for_good().await;
            }
            if now >= END {
                return Err(self.not_drained());
            }
            self.world.time.sleep_until(self.next(now)).await;
        }
        Err("it goes round and round".to_owned())
    }

    /// Faults end.
    fn calm_down(&mut self) {
        self.world.disk.heal();
        self.world.disk.set_free(u64::MAX / 2);
        self.world.destinations.iter().for_each(crate::destination::Destination::heal);
        self.power_goes = false;
    }

    fn strike(&mut self, incident: Incident, now: Duration) {
        self.world.history.tell(format_args!("{incident:?}"));
        self.tally.count(incident.name(), 1);
        let disk = &self.world.disk;
        match incident {
            Incident::Kill => self.die(now, false),
            Incident::PowerCut => self.die(now, true),
            Incident::PowerCutAt(n) => {
                disk.fail(Fault::Any, n);
                self.power_goes = true;
            }
            Incident::FailedSync(n) => disk.fail(Fault::Sync, n),
            Incident::FailedOperation(n) => disk.fail(Fault::Any, n),
            Incident::FailedRead(n) => {
                disk.fail(Fault::Read, n);
                self.reads_fail = true;
            }
            Incident::FullDisk(time) => {
                disk.fail(Fault::Full, 0);
                self.disk_heals_at = Some(now + time);
            }
            Incident::LittleRoom(time) => {
                disk.set_free(40_000);
                self.disk_heals_at = Some(now + time);
            }
            Incident::SlowDisk(time) => {
                if let Some(daemon) = &mut self.daemon {
                    daemon.stall_disk(now + time);
                }
            }
            Incident::Destination(which, fault, time) => {
                self.world.destinations[which].begin_fault(FaultPeriod::from(fault, now, time));
            }
            Incident::WallClock(micros) => self.world.time.set_wall_off_by(micros),
            // Without a note that can be renewed no sink goes back.
            Incident::NotesFail(0) if self.seeks.are_there() => {}
            Incident::NotesFail(which) => self.world.make_notes_fail(which),
            Incident::Seek(back) => {
                if let Some(daemon) = self.daemon.as_ref().filter(|_| !self.world.notes_fail(0)) {
                    self.seeks.order(&self.world, daemon, back);
                }
            }
            Incident::Restart => self.begin_stop(now),
        }
    }

    fn begin_stop(&mut self, now: Duration) {
        if let Some(daemon) = self.daemon.as_mut().filter(|daemon| daemon.writer_ended.is_none()) {
            daemon.listener = None;
            daemon.handle.stop(STOP_TIMEOUT);
            self.stopping = true;
            self.dies_at = Some(now + STOP_TIMEOUT + Duration::from_secs(1));
        }
    }

    /// The process is gone, and, if `power` goes as well, what was not synced.
    fn die(&mut self, now: Duration, power: bool) {
        self.daemon = None;
        (self.dies_at, self.stopping, self.power_goes, self.reads_fail) = (None, false, false, false);
        self.world.disk.heal();
        if power {
            let dice = &mut self.dice;
            self.world.disk.crash(|bound| dice.place(bound));
        }
        self.starts_at = now + self.dice.millis(100, 3_000);
    }

    /// Ends a process that is to end, and starts one where there is none.
    fn keep_alive(&mut self, now: Duration) -> Result<(), Violation> {
        if self.disk_heals_at.is_some_and(|at| at <= now) {
            self.disk_heals_at = None;
            self.world.disk.heal();
            self.world.disk.set_free(u64::MAX / 2);
        }
        if self.dies_at.is_some_and(|at| at <= now) {
            self.world.history.tell("the process ends");
            self.die(now, false);
        }
        if self.daemon.is_some() || self.starts_at > now {
            return Ok(());
        }
        match Daemon::start(&self.world) {
            Ok(daemon) => {
                self.world.history.tell(format_args!("started at {}", daemon.log.synced().position));
                self.tally.count("starts", 1);
                self.reference.check_history(&*daemon.log)?;
                self.reference.observe(&*daemon.log, &self.sender.events)?;
                self.daemon = Some(daemon);
                Ok(())
            }
            Err(OpenError::Io { .. }) => {
                self.world.history.tell("can't start");
                let power = self.power_goes;
                self.die(now, power);
                Ok(())
            }
            Err(error) => Err(format!("the journal can't be opened: {error}")),
        }
    }

    /// Lets the sender do what is due.
    fn send(&mut self, now: Duration) -> bool {
        if self.sender.next(LOAD).is_none_or(|next| next > now) {
            return false;
        }
        self.sender.make(now, LOAD);
        let mut nobody = tokio::task::JoinSet::new();
        match &mut self.daemon {
            Some(daemon) => self.sender.send(now, daemon.listener.as_ref(), &mut daemon.connections),
            None => self.sender.send(now, None, &mut nobody),
        }
        true
    }

    /// Gives somebody in the daemon a turn.
    fn turn(&mut self, now: Duration) -> Result<bool, Violation> {
        let Some(daemon) = &mut self.daemon else { return Ok(false) };
        while daemon.connections.try_join_next().is_some() {}
        let begun = !self.stopping && self.seeks.look(now, &self.world, daemon);
        self.tally.count("deliveries begun again", begun.into());
        let acted = daemon.turn(now, &mut self.dice);
        if acted {
            self.reference.observe(&*daemon.log, &self.sender.events)?;
            check_holds(daemon, self.reads_fail)?;
        }
        match daemon.writer_ended {
            Some(false) if self.power_goes => {
                self.world.history.tell("power goes amid an operation");
                self.die(now, true);
            }
            Some(false) if self.dies_at.is_none_or(|_| self.stopping) => {
                self.world.history.tell("poisoned");
                self.tally.count("poisoned journals", 1);
                self.stopping = false;
                self.dies_at = Some(now + POISONED_FOR);
            }
            Some(true) => {
                self.world.history.tell("stopped");
                self.die(now, false);
            }
            None if self.stopping && daemon.has_delivered() => daemon.journal.begin_close(),
            _ => {}
        }
        Ok(acted)
    }

    fn next(&self, now: Duration) -> Duration {
        let daemon = match &self.daemon {
            Some(daemon) => daemon.next(now),
            None => Some(self.starts_at),
        };
        let others = [self.sender.next(LOAD), self.incidents.next(), self.disk_heals_at, self.dies_at];
        let load_ends = Some(LOAD).filter(|end| *end > now);
        let under_way = self.sender.is_waiting().then_some(now + TICK);
        let next =
            daemon.into_iter().chain(others.into_iter().flatten()).chain(load_ends).chain(under_way).min();
        next.unwrap_or(END).max(now + TICK)
    }

    fn is_drained(&self) -> bool {
        let Some(daemon) = self.daemon.as_ref().filter(|_| self.dies_at.is_none()) else { return false };
        let synced = daemon.log.synced().position;
        let delivered = daemon.handle.status().sinks.iter().all(|sink| sink.position == synced);
        // History makes room: what everybody has may not stand in the way of what comes.
        let has_room = daemon.journal.appender().health() != Health::Full;
        self.sender.is_done() && delivered && has_room
    }

    fn not_drained(&self) -> Violation {
        let state = |daemon: &Daemon| (daemon.journal.appender().health(), daemon.handle.status());
        let state = self.daemon.as_ref().map(state);
        format!("all faults are over, and it does not drain: {state:?}")
    }

    /// The last stop: everything is delivered, so it takes no time to speak of.
    async fn stop_for_good(&mut self) -> Result<(), Violation> {
        self.begin_stop(self.world.time.elapsed());
        for _ in 0..MOST_TURNS {
            yield_now().await;
            let now = self.world.time.elapsed();
            if self.dies_at.is_some_and(|at| at <= now) {
                return Err("a stop takes longer than it may".to_owned());
            }
            if self.turn(now)? {
                continue;
            }
            if self.daemon.is_none() {
                return Ok(());
            }
            self.world.time.sleep_until(self.next(now)).await;
        }
        Err("it does not stop".to_owned())
    }

    /// Nothing that only takes long, such as a slow body, holds journal time back.
    fn check_journal_time(&self) -> Result<(), Violation> {
        let lag = self.reference.lag;
        let is_right = lag <= 0 || self.world.time.was_set();
        if is_right { Ok(()) } else { Err(format!("journal time was {lag} us behind a time of receipt")) }
    }

    /// Holds the promises against what was stored and what has arrived.
    fn check(&mut self) -> Result<(), Violation> {
        let window = i64::try_from(self.world.window.as_micros()).unwrap();
        let oracle = Oracle::new(&self.reference, &self.sender.events, window);
        oracle.check_answers(&self.sender)?;
        self.check_journal_time()?;
        let [required, extra] = &self.world.destinations;
        let none = Seeks::default();
        for (destination, may_lack, seeks) in
            [(required, 0, &self.seeks), (extra, self.reference.forgotten, &none)]
        {
            let state = destination.state();
            let positions: Vec<_> = state.kept.iter().map(|kept| kept.position).collect();
            oracle.check_positions(destination.name, &positions, may_lack, seeks)?;
            oracle.check_records(destination.name, &state.kept)?;
            self.tally.count("accidents at destinations", state.accidents);
            let refused = state.kept.iter().filter(|kept| kept.reason.is_some()).count();
            self.tally.count("dead letters", u64::try_from(refused).unwrap());
        }
        if let Some(files) = &self.world.files {
            oracle.check_files(&records_under(&files.directory).map_err(|error| error.to_string())?)?;
            self.tally.count("worlds with files", 1);
        }
        self.tally.count("frames", u64::try_from(self.reference.frames.len()).unwrap());
        self.tally.count("frames lost for want of room", self.reference.forgotten);
        self.tally.count("duplicates", u64::try_from(oracle.duplicates()).unwrap());
        self.tally.count("answers 503", self.sender.unavailable);
        Ok(())
    }
}
