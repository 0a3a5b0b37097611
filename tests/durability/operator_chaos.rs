//! The real daemon under load is killed, stopped, paused, reloaded, sent elsewhere and failed by its system, in any order. The
//! seed decides the order; it is printed, and `KALENDS_CHAOS_SEED` takes it again.

mod allowance;
mod installation;

use std::{
    collections::BTreeMap,
    process, thread,
    time::{Duration, Instant},
};

use installation::World;
use kalends_tests::files::records_under;

use crate::{
    chaos::Dice,
    exactly_once::{assert_exactly_once, count},
};

/// So long at most everything is done to one installation.
const WORLD: Duration = Duration::from_mins(2);

/// What is done to the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Kill,
    Stop,
    /// It stands still, as in a machine that is moved.
    Pause,
    /// A reload with another sink, or without it.
    Reload,
    /// A reload of a configuration that can't be used.
    RefusedReload,
    /// A replay beside it, perhaps killed and begun again.
    Replay,
    /// The sink is sent back, or on.
    Seek,
    /// Its system calls fail for a while.
    FailingCalls,
}

const ALL: [Deed; 8] = [
    Deed::Kill,
    Deed::Stop,
    Deed::Pause,
    Deed::Reload,
    Deed::RefusedReload,
    Deed::Replay,
    Deed::Seek,
    Deed::FailingCalls,
];

fn live(seed: u64, time: Duration) -> (u64, BTreeMap<Deed, u32>) {
    let mut dice = Dice::new(seed);
    let mut world = World::start(dice.below(u64::MAX));
    let (begun, mut tally) = (Instant::now(), BTreeMap::new());
    while begun.elapsed() < time {
        thread::sleep(Duration::from_millis(50 + dice.below(1500)));
        world.look_after();
        let deed = ALL[usize::try_from(dice.below(8)).unwrap()];
        *tally.entry(deed).or_default() += 1;
        world.act(deed, &mut dice);
    }
    let (installation, outcome, allowance) = world.drain();
    let stored = installation::stored(&installation);
    let mut records = installation.records().unwrap();
    records.extend(installation::loaded(&installation));
    // Replays have folders of their own below the sink's.
    records.retain(|record| !record.topic.starts_with("replay="));
    allowance
        .check(&outcome, &stored, &records)
        .unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
    assert_exactly_once("other", &outcome, &records_under(&installation.path("other")).unwrap());
    (u64::try_from(outcome.acknowledged.len()).unwrap(), tally)
}

#[test]
#[ignore = "takes minutes: cargo xtask soak runs it"]
fn whatever_is_done_to_the_real_daemon_nothing_is_lost_or_doubled_but_what_operators_were_told() {
    let time = Duration::from_mins(count("KALENDS_SOAK_CHAOS_MINUTES", 1));
    let (begun, mut events) = (Instant::now(), 0);
    // A soak meets what no other soak has met.
    let mut seed = count("KALENDS_CHAOS_SEED", u64::from(process::id()) << 20);
    while begun.elapsed() < time {
        let world = WORLD.min(time.saturating_sub(begun.elapsed())).max(Duration::from_secs(10));
        println!("KALENDS_CHAOS_SEED={seed}");
        let (acknowledged, tally) = live(seed, world);
        events += acknowledged;
        println!("{acknowledged} events, {tally:?}; {events} events in {} s", begun.elapsed().as_secs());
        seed += 1;
    }
}
