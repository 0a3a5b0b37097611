//! What the journal may let go follows what the sinks have made durable, and never the other way round.

use std::sync::atomic::Ordering;

use kalends_sink::Failure;

use crate::{
    memory_sink::Memory,
    world::{Running, World, append, append_at, eventually, sink, subscribe},
};

const YEAR: i64 = 365 * 86_400 * 1_000_000;

/// A year later: everything is old that can be. The lagging sink lags by `behind` events before.
///
/// What the sinks have is told to the journal together with these gauges, and heeded with the next append.
fn let_go_what_may(running: &Running, behind: u8) {
    for more in 1..=3_u8 {
        append_at(YEAR, &running.journal, [subscribe(format!("later {more}"))]);
        let lag = f64::from(behind + more);
        eventually("the sinks' lag is told", || {
            (running.metric("kalends_sink_lag_events") - lag).abs() < 0.1
        });
    }
}

#[test]
fn nothing_goes_before_every_sink_has_committed_it_however_old_it_is() {
    let (steady, lagging) = (Memory::default(), Memory::default());
    let world = World::new();
    lagging.store().script = (0..100_000).map(|_| Some(Failure::retry("a fault"))).collect();
    let running = world.run(vec![sink("steady", &steady), sink("lagging", &lagging)]);
    append(&running.journal, (0..20).map(subscribe));
    world.now.store(YEAR, Ordering::Relaxed);
    eventually("the steady sink has delivered", || running.sink("steady").lag_events == 0);
    eventually("the lagging sink has tried", || lagging.store().connects > 2);
    let_go_what_may(&running, 20);
    assert_eq!(running.journal.log().first_kept(), 1);

    lagging.store().script.clear();
    eventually("the lagging sink has delivered", || running.sink("lagging").lag_events == 0);
    eventually("what everybody has is old and goes", || running.journal.log().first_kept() > 20);
    assert_eq!(lagging.positions(), steady.positions());
    running.stop();
}

/// The first of its kind is all that tells its duplicate from an event.
#[test]
fn what_tells_the_duplicates_of_the_slowest_sink_is_kept_though_it_has_delivered_it() {
    const MINUTE: i64 = 60_000_000;
    let (steady, lagging) = (Memory::default(), Memory::default());
    let sinks = || vec![sink("steady", &steady), sink("lagging", &lagging)];
    let world = World::new();
    let running = world.run(sinks());
    append_at(1, &running.journal, [subscribe(1)]);
    eventually("both have the first", || [&steady, &lagging].iter().all(|sink| sink.positions() == [1]));
    lagging.store().script = (0..100_000).map(|_| Some(Failure::retry("a fault"))).collect();
    // Within the window, and in a segment of its own.
    append_at(20 * MINUTE, &running.journal, [subscribe(1), subscribe(2)]);
    world.now.store(YEAR, Ordering::Relaxed);
    let_go_what_may(&running, 2);
    running.stop();

    lagging.store().script.clear();
    let running = world.run(sinks());
    eventually("the lagging sink has delivered", || running.sink("lagging").lag_events == 0);
    assert_eq!(lagging.positions(), [1, 3, 4, 5, 6]);
    running.stop();
}
