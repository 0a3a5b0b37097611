//! What an operator wants of a sink, and how it is carried out while other things happen.

use kalends_delivery::{Command, CommandFile, Start};
use kalends_journal::Chain;
use kalends_sink::{Checkpoint, Failure};

use crate::{
    memory_sink::{Deed, Memory},
    world::{Running, World, append, append_received, eventually, sink, subscribe},
};

fn commands(world: &World) -> CommandFile {
    CommandFile::new(&world.notes())
}

/// The command to go on behind `position`.
pub(crate) fn seek(running: &Running, position: u64) -> Command {
    // With any other the seek is refused, and the test fails.
    let chain = match running.journal.log().chain_at(position).unwrap() {
        Chain::Known(chain) => chain,
        Chain::Ahead | Chain::Gone | Chain::Lost => 0,
    };
    let journal = running.journal.log().id();
    Command::Seek(Checkpoint { journal, shard: 0, position, chain })
}

/// Ten events, of which the last five repeat the first five.
fn append_with_duplicates(running: &Running) {
    append(&running.journal, (1..=5).chain(1..=5).map(subscribe));
}

#[test]
fn a_seek_backwards_waits_for_the_next_start_also_while_the_sink_retries() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append_with_duplicates(&running);
    eventually("all", || running.sink("memory").position == 10);
    memory.store().script = (0..3).map(|_| Some(Failure::retry("away"))).collect();
    append(&running.journal, [subscribe(6)]);
    eventually("a failure", || memory.store().script.len() < 3);
    let back = seek(&running, 0);
    commands(&world).give(&back).unwrap();
    eventually("the sink is back", || memory.positions().contains(&11));
    append(&running.journal, [subscribe(7)]);
    eventually("what comes behind", || memory.positions().contains(&12));
    assert_eq!(memory.positions(), [1, 2, 3, 4, 5, 11, 12], "no duplicate that was forgotten comes again");
    assert_eq!(commands(&world).waiting().unwrap(), Some(back));
    running.stop();

    let running = world.run(vec![sink("memory", &memory)]);
    eventually("the seek", || memory.positions().len() == 14);
    assert_eq!(memory.positions()[7..], [1, 2, 3, 4, 5, 11, 12], "the duplicates are known again");
    running.stop();
}

#[test]
fn a_command_that_is_given_while_another_is_carried_out_is_not_removed_with_it() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=10).map(subscribe));
    eventually("all", || running.sink("memory").position == 10);
    let (first, second) = (seek(&running, 7), seek(&running, 3));
    running.stop();

    commands(&world).give(&first).unwrap();
    let commands = commands(&world);
    let later = commands.clone();
    memory.store().amid_connect = Some(Deed(Box::new(move || later.give(&second).unwrap())));
    let running = world.run(vec![sink("memory", &memory)]);
    eventually("the first command", || commands.was_carried_out(&first, 0).unwrap());
    eventually("what it repeats", || memory.positions().len() == 13);
    assert!(!commands.was_carried_out(&second, 0).unwrap());
    assert_eq!(commands.waiting().unwrap(), Some(second), "it was not read yet");
    running.stop();
    let running = world.run(vec![sink("memory", &memory)]);
    eventually("the second command", || commands.was_carried_out(&second, 0).unwrap());
    running.stop();
}

#[test]
fn a_time_is_looked_up_by_when_events_were_received_and_not_by_journal_time() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    // Journal time lags behind the time of receipt, as behind a slow body.
    for (received_at, time) in [(10, 10), (100, 11), (12, 12), (200, 200)] {
        append_received(received_at, time, &running.journal, [subscribe(received_at)]);
    }
    let late = Memory::default();
    let mut from = sink("late", &late);
    from.start = Start::Time(50);
    let (running, _) = running.change(vec![sink("memory", &memory), from]);
    eventually("the sinks are at the end", || running.sink("late").position == 4);
    assert_eq!(late.positions(), [2, 3, 4], "the first that was received at 50 or later is the second");
    running.stop();
}
