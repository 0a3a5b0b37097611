//! What the journal may let go follows what the sinks have made durable, and never the other way round.

use std::sync::atomic::Ordering;

use kalends_sink::Failure;

use crate::{
    memory_sink::Memory,
    world::{World, append, append_at, eventually, sink, subscribe},
};

const YEAR: i64 = 365 * 86_400 * 1_000_000;

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
    append_at(YEAR, &running.journal, [subscribe("later")]);
    assert_eq!(running.journal.log().first_kept(), 1);

    lagging.store().script.clear();
    eventually("the lagging sink has delivered", || running.sink("lagging").lag_events == 0);
    eventually("what everybody has is old and goes", || running.journal.log().first_kept() > 20);
    assert_eq!(lagging.positions(), steady.positions());
    running.stop();
}
