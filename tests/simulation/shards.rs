//! A journal with two shards that change hands between two processes, which die, freeze, and hear late that they own a shard no
//! more. Delivery runs once for each shard; a shard's notes, checkpoint and fence are its own.

mod journal;
mod log;
mod replica;
mod state;

use std::{sync::Arc, time::Duration};

use kalends_normalise::{Plan, TimeUnit};
use tokio::task::{JoinSet, yield_now};

use self::{
    journal::{SHARDS, ShardedJournal},
    replica::Replica,
};
use crate::{
    destination::Destination,
    destination_fault::{DestinationFault, FaultPeriod},
    dice::Dice,
    history::History,
    oracle::Oracle,
    reference_journal::{ReferenceJournal, Violation},
    seeks::Seeks,
    sender::Sender,
    time::Time,
};

const LOAD: Duration = Duration::from_secs(20);
const END: Duration = Duration::from_secs(20 + 120);
const TICK: Duration = Duration::from_millis(4);
const MAX_TURNS: u32 = 200_000;
const SEEDS: u64 = 25;

struct Cluster {
    time: Time,
    history: History,
    dice: Dice,
    journal: ShardedJournal,
    window: Duration,
    plan: Arc<Plan>,
    destinations: [Destination; SHARDS],
    references: [ReferenceJournal; SHARDS],
    sender: Sender,
    replicas: [Option<Replica>; 2],
    /// Which process owns each shard, and when the group gives a shard that nobody owns to one.
    owners: [Option<usize>; SHARDS],
    assigned_at: [Duration; SHARDS],
    starts_at: [Duration; 2],
    next_incident: Duration,
    hand_overs: u64,
}

impl Cluster {
    fn new(seed: u64, fences: bool) -> Self {
        let mut dice = Dice::new(seed);
        let time = Time::new();
        let history = History::new(time.clone());
        let window = dice.millis(5_000, 30_000);
        let destination = |name, dice: &mut Dice| {
            let destination = Destination::new(name, time.clone(), history.clone(), dice.fork());
            destination.state().fences = fences;
            destination
        };
        Self {
            destinations: [destination("shard 0", &mut dice), destination("shard 1", &mut dice)],
            journal: ShardedJournal::new(i64::try_from(window.as_micros()).unwrap()),
            sender: Sender::new(dice.fork()),
            plan: Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()),
            references: Default::default(),
            replicas: [None, None],
            owners: [None, None],
            assigned_at: [Duration::ZERO; SHARDS],
            starts_at: [Duration::ZERO; 2],
            next_incident: Duration::from_secs(1),
            hand_overs: 0,
            time,
            history,
            dice,
            window,
        }
    }

    async fn live(&mut self) -> Result<(), Violation> {
        for _ in 0..MAX_TURNS {
            yield_now().await;
            let now = self.time.elapsed();
            self.sender.listen(now, &self.history);
            if now >= LOAD {
                self.destinations.iter().for_each(Destination::heal);
            } else if now >= self.next_incident {
                self.next_incident = now + self.dice.millis(300, 3_000);
                self.strike(now);
            }
            self.lead(now);
            if self.send(now) || self.turn(now)? {
                continue;
            }
            if now >= LOAD && self.is_drained(now) {
                return Ok(());
            }
            if now >= END {
                return Err("all faults are over, and it does not drain".to_owned());
            }
            self.time.sleep_until(self.next(now)).await;
        }
        Err("it goes round and round".to_owned())
    }

    fn strike(&mut self, now: Duration) {
        let (which, shard) = (self.dice.place(2), self.dice.place(SHARDS));
        match self.dice.below(6) {
            0 => {
                self.history.tell(format_args!("process {which} dies"));
                self.replicas[which] = None;
                self.starts_at[which] = now + self.dice.millis(100, 3_000);
                self.give_up(which, now);
            }
            1 => {
                let time = self.dice.millis(500, 4_000);
                if let Some(replica) = &mut self.replicas[which] {
                    self.history.tell(format_args!("process {which} is stopped for {time:?}"));
                    replica.frozen_until = now + time;
                    self.give_up(which, now);
                }
            }
            2 | 3 => {
                self.history.tell(format_args!("shard {shard} changes hands"));
                self.owners[shard] = None;
                self.assigned_at[shard] = now;
            }
            4 => {
                self.history.tell("the brokers lose their memory");
                self.journal.lose_memory();
            }
            _ => {
                let period =
                    FaultPeriod { fault: DestinationFault::Away, until: now + self.dice.millis(200, 2_000) };
                self.destinations[shard].begin_fault(period);
            }
        }
    }

    /// The group finds out some time later that a process does not answer.
    fn give_up(&mut self, which: usize, now: Duration) {
        for shard in 0..SHARDS {
            if self.owners[shard] == Some(which) {
                self.owners[shard] = None;
                self.assigned_at[shard] = now + self.dice.millis(200, 2_000);
            }
        }
    }

    /// Starts processes, gives shards that nobody owns to one, and lets former owners hear of it, sooner or later.
    fn lead(&mut self, now: Duration) {
        for (replica, starts_at) in self.replicas.iter_mut().zip(self.starts_at) {
            if replica.is_none() && starts_at <= now {
                *replica = Some(Replica::new(&self.journal, &self.time));
            }
            if let Some(replica) = replica.as_mut().filter(|replica| replica.frozen_until <= now) {
                replica.runs.retain(|run| run.learns_at.is_none_or(|at| at > now));
            }
        }
        for shard in 0..SHARDS {
            if self.owners[shard].is_none() && self.assigned_at[shard] <= now {
                self.assign(shard, now);
            }
        }
    }

    fn assign(&mut self, shard: usize, now: Duration) {
        let first = self.dice.place(2);
        let answers =
            |which: &usize| self.replicas[*which].as_ref().is_some_and(|one| one.frozen_until <= now);
        let Some(which) = [first, 1 - first].into_iter().find(answers) else { return };
        for replica in self.replicas.iter_mut().flatten() {
            for run in replica.runs.iter_mut().filter(|run| run.shard == shard) {
                run.learns_at = run.learns_at.or(Some(now + self.dice.millis(0, 1_500)));
            }
        }
        let Some(replica) = &mut self.replicas[which] else { return };
        replica.own(&self.journal, shard, &self.destinations[shard], self.window, &self.plan);
        self.owners[shard] = Some(which);
        self.hand_overs += 1;
        self.history.tell(format_args!("process {which} owns shard {shard}"));
    }

    fn send(&mut self, now: Duration) -> bool {
        if self.sender.next(LOAD).is_none_or(|next| next > now) {
            return false;
        }
        self.sender.make(now, LOAD);
        let which = self.dice.place(2);
        let mut nobody = JoinSet::new();
        match &mut self.replicas[which] {
            Some(replica) => self.sender.send(now, Some(&replica.listener), &mut replica.connections),
            None => self.sender.send(now, None, &mut nobody),
        }
        true
    }

    /// Gives somebody a turn: the brokers of a shard, or a process.
    fn turn(&mut self, now: Duration) -> Result<bool, Violation> {
        let first = self.dice.place(2);
        for which in [first, 1 - first] {
            if self.journal.has_unsynced(which) && self.dice.permille(300) {
                let answers = !self.dice.permille(50);
                self.journal.sync(which, answers);
                let log = self.journal.log(which, 0);
                self.references[which].observe(&*log, &self.sender.events)?;
                return Ok(true);
            }
            if let Some(replica) = &mut self.replicas[which] {
                while replica.connections.try_join_next().is_some() {}
                if replica.turn(now, &mut self.dice) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn next(&self, now: Duration) -> Duration {
        let replicas = self.replicas.iter().flatten().filter_map(|replica| replica.next(now));
        let load = [Some(LOAD), Some(self.next_incident)].into_iter().flatten().filter(|at| *at > now);
        let waits = self.sender.is_waiting() || (0..SHARDS).any(|shard| self.journal.has_unsynced(shard));
        let group = self.assigned_at.into_iter().chain(self.starts_at).filter(|at| *at > now);
        let others = self.sender.next(LOAD).into_iter().chain(waits.then_some(now + TICK));
        replicas.chain(load).chain(group).chain(others).min().unwrap_or(END).max(now + TICK)
    }

    fn is_drained(&self, now: Duration) -> bool {
        let level = |shard: usize| {
            let replica = self.owners[shard].and_then(|which| self.replicas[which].as_ref());
            let synced = self.journal.log(shard, 0).synced().position;
            let run = replica.filter(|replica| replica.frozen_until <= now).and_then(|replica| {
                replica.runs.iter().find(|run| run.shard == shard && run.learns_at.is_none())
            });
            run.is_some_and(|run| run.handle.status().sinks.iter().all(|sink| sink.position == synced))
        };
        let waits = (0..SHARDS).any(|shard| self.journal.has_unsynced(shard));
        self.sender.is_done() && !waits && (0..SHARDS).all(level)
    }

    /// Nothing acknowledged is lost, nothing is there twice in a shard, and a shard's records are in order.
    fn check(&self) -> Result<(), Violation> {
        let window = i64::try_from(self.window.as_micros()).unwrap();
        let mut all = ReferenceJournal::default();
        for (reference, destination) in self.references.iter().zip(&self.destinations) {
            let oracle = Oracle::new(reference, &self.sender.events, window);
            let state = destination.state();
            let positions: Vec<_> = state.kept.iter().map(|kept| kept.position).collect();
            oracle.check_positions(destination.name, &positions, 0, &Seeks::default())?;
            oracle.check_records(destination.name, &state.kept)?;
            all.frames.extend(&reference.frames);
        }
        Oracle::new(&all, &self.sender.events, window).check_answers(&self.sender)
    }
}

/// Lets the cluster of this seed live to its end. Returns how often a shard changed hands, and what has happened.
fn run(seed: u64, fences: bool) -> (Result<u64, Violation>, String) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut cluster = Cluster::new(seed, fences);
        let verdict = cluster.live().await.and_then(|()| cluster.check());
        (verdict.map(|()| cluster.hand_overs), cluster.history.text())
    })
}

#[test]
fn two_shards_that_change_hands_keep_every_promise() {
    let mut hand_overs = 0;
    for seed in 0..SEEDS {
        let (verdict, history) = run(seed, true);
        let tail: Vec<_> = history.lines().rev().take(40).collect();
        match verdict {
            Ok(times) => hand_overs += times,
            Err(violation) => {
                let tail: Vec<_> = tail.into_iter().rev().collect();
                panic!("{}\nseed {seed}: {violation}", tail.join("\n"));
            }
        }
    }
    assert!(hand_overs > SEEDS * 4, "{hand_overs} hand-overs: shards hardly changed hands");
}

#[test]
fn a_former_owner_that_is_not_fenced_is_found_out() {
    let broken = (0..SEEDS).find_map(|seed| run(seed, false).0.err());
    let violation = broken.expect("no seed has a former owner that commits behind the next one");
    assert!(violation.contains("came after") || violation.contains("duplicate"), "{violation}");
}
