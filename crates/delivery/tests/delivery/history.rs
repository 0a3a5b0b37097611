//! Duplicates, held against a model that remembers everything.

use std::{sync::atomic::Ordering, time::Duration};

use kalends_sink::Failure;
use proptest::prelude::*;

use crate::{
    memory_sink::Memory,
    world::{Running, World, append_at, eventually, sink, subscribe},
};

const MINUTE: i64 = 60_000_000;
const WINDOW: i64 = 100 * MINUTE;

#[derive(Debug, Clone)]
enum Step {
    /// An event of this id and content, so long after the one before it.
    Send { id: u8, content: u8, pause: i64 },
    /// The daemon ends and starts again.
    Restart,
    /// The lagging sink's next so many calls fail.
    Fail { calls: usize },
    /// Both sinks have everything, and retention has had its turn.
    CatchUp,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0_u8..4, 0_u8..2, 0_i64..60).prop_map(|(id, content, pause)| Step::Send { id, content, pause }),
        1 => Just(Step::Restart),
        1 => (1_usize..4).prop_map(|calls| Step::Fail { calls }),
        1 => Just(Step::CatchUp),
    ]
}

/// Everything that was ever sent: what is first of its kind within the window before it.
#[derive(Default)]
struct Model {
    now: i64,
    sent: Vec<(u8, u8, i64)>,
    firsts: Vec<u64>,
}

impl Model {
    fn send(&mut self, id: u8, content: u8) {
        let same = |sent: &&(u8, u8, i64)| (sent.0, sent.1) == (id, content) && self.now - sent.2 <= WINDOW;
        let first = !self.sent.iter().any(|sent| same(&sent));
        self.sent.push((id, content, self.now));
        if first {
            self.firsts.push(u64::try_from(self.sent.len()).unwrap());
        }
    }
}

fn start(world: &World, steady: &Memory, lagging: &Memory) -> Running {
    world.run(vec![sink("steady", steady), sink("lagging", lagging)])
}

fn catch_up(running: &Running) {
    eventually("both have caught up", || {
        running.sink("steady").lag_events == 0 && running.sink("lagging").lag_events == 0
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 10, ..ProptestConfig::default() })]

    #[test]
    fn each_sink_gets_the_first_of_each_event_over_restarts_lags_and_retention(
        steps in proptest::collection::vec(step(), 1..50),
    ) {
        let (steady, lagging) = (Memory::default(), Memory::default());
        let world = World { window: Duration::from_micros(WINDOW.unsigned_abs()), ..World::new() };
        let mut model = Model { now: 1, ..Model::default() };
        let mut running = start(&world, &steady, &lagging);
        for step in steps {
            match step {
                Step::Send { id, content, pause } => {
                    model.now += pause * MINUTE;
                    world.now.store(model.now, Ordering::Relaxed);
                    let body = subscribe(id).replace("s-", &format!("{content}-"));
                    append_at(model.now, &running.journal, [body]);
                    model.send(id, content);
                }
                Step::Restart => {
                    running.stop();
                    running = start(&world, &steady, &lagging);
                }
                Step::Fail { calls } => {
                    let faults = (0..calls).map(|_| Some(Failure::retry("a fault")));
                    lagging.store().script = faults.collect();
                }
                Step::CatchUp => catch_up(&running),
            }
        }
        catch_up(&running);
        running.stop();
        prop_assert_eq!(&steady.positions(), &model.firsts);
        prop_assert_eq!(&lagging.positions(), &model.firsts);
    }
}
