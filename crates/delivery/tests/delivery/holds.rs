use std::{fs, time::Duration};

use kalends_delivery::{SinkSettings, SinkState, Topics};
use kalends_normalise::TimeUnit;
use kalends_sink::{Checkpoint, Failure};

use crate::{
    memory_sink::Memory,
    world::{Running, World, append, eventually, sink, subscribe},
};

/// A world in which ten events have been delivered.
fn delivered() -> (World, Memory) {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=10).map(subscribe));
    running.stop();
    (world, memory)
}

fn holds(running: &Running, why: &str) {
    eventually("the sink holds", || running.sink("memory").state == SinkState::Hold);
    let error = running.sink("memory").last_error.unwrap();
    assert!(error.contains(why), "{error}");
}

#[test]
fn a_checkpoint_that_is_gone_is_a_hold() {
    let (world, memory) = delivered();
    memory.store().checkpoint = None;
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(11)]);
    holds(&running, "the checkpoint is gone");
    assert_eq!(memory.positions().len(), 10, "nothing is delivered again");
    running.stop();
}

#[test]
fn an_older_state_of_the_destination_is_a_hold() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=5).map(subscribe));
    eventually("five events", || memory.positions().len() == 5);
    let older = memory.store().checkpoint;
    append(&running.journal, (6..=10).map(subscribe));
    running.stop();
    memory.store().checkpoint = older;
    let running = world.run(vec![sink("memory", &memory)]);
    holds(&running, "an older state of the destination");
    assert_eq!(memory.positions().len(), 10, "nothing is delivered again");
    running.stop();
}

#[test]
fn a_new_journal_under_the_notes_of_an_old_one_is_a_hold() {
    let (world, memory) = delivered();
    let (journal, kept) = (world.directory.path().join("journal"), world.directory.path().join("kept"));
    fs::rename(journal.join("sinks"), &kept).unwrap();
    fs::remove_dir_all(&journal).unwrap();
    fs::create_dir(&journal).unwrap();
    fs::rename(&kept, journal.join("sinks")).unwrap();
    memory.store().checkpoint = None;
    let running = world.run(vec![sink("memory", &memory)]);
    holds(&running, "is a new one");
    running.stop();
}

#[test]
fn a_note_that_can_not_be_read_holds_its_sink_and_nobody_else() {
    let (world, memory) = delivered();
    fs::write(world.directory.path().join("journal/sinks/memory.json"), "").unwrap();
    let other = Memory::default();
    let running = world.run(vec![sink("memory", &memory), sink("other", &other)]);
    holds(&running, "remove it");
    eventually("the other sink has all", || other.positions().len() == 10);
    running.stop();
}

#[test]
fn an_older_copy_of_the_journal_is_a_hold() {
    let (world, memory) = delivered();
    let checkpoint = memory.store().checkpoint.unwrap();
    memory.store().checkpoint = Some(Checkpoint { position: 11, ..checkpoint });
    let running = world.run(vec![sink("memory", &memory)]);
    holds(&running, "an older copy");
    running.stop();
}

#[test]
fn another_history_at_the_checkpoint_is_a_hold() {
    let (world, memory) = delivered();
    let checkpoint = memory.store().checkpoint.unwrap();
    memory.store().checkpoint = Some(Checkpoint { chain: checkpoint.chain ^ 1, ..checkpoint });
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(11)]);
    holds(&running, "another history at position 10");
    assert_eq!(memory.positions().len(), 10, "nothing is skipped or repeated");
    running.stop();
}

#[test]
fn a_held_sink_goes_on_by_itself_when_the_cause_is_mended() {
    let (world, memory) = delivered();
    let checkpoint = memory.store().checkpoint.take();
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(11)]);
    holds(&running, "the checkpoint is gone");
    memory.store().checkpoint = checkpoint;
    eventually("the event behind the hold", || memory.positions().len() == 11);
    running.stop();
}

#[test]
fn removing_the_note_of_a_lost_checkpoint_begins_anew() {
    let (world, memory) = delivered();
    memory.store().checkpoint = None;
    fs::remove_file(world.directory.path().join("journal/sinks/memory.json")).unwrap();
    let running = world.run(vec![sink("memory", &memory)]);
    eventually("all again", || memory.positions().len() == 20);
    running.stop();
}

#[test]
fn every_sink_goes_on_behind_events_that_a_repair_recorded_as_missing() {
    let (world, memory) = delivered();
    let journal = world.journal();
    append(&journal, (11..=12).map(subscribe));
    journal.close().unwrap();
    let directory = world.directory.path().join("journal");
    let segment = directory.join("00000000000000000001.log");
    let mut bytes = fs::read(&segment).unwrap();
    let place_of = |id: u32| {
        let body = subscribe(id).into_bytes();
        bytes.windows(body.len()).position(|window| window == body).unwrap()
    };
    // One wound over both, so that nothing is left to compare the checkpoint at 10 with.
    let wound = place_of(10)..place_of(11) + 1;
    bytes[wound].fill(0xEE);
    fs::write(&segment, bytes).unwrap();
    assert!(!kalends_journal_local::repair(&directory).unwrap().damage.is_empty());

    let late = Memory::default();
    let running = world.run(vec![sink("memory", &memory), sink("late", &late)]);
    append(&running.journal, [subscribe(13)]);
    eventually("both go on", || [&memory, &late].iter().all(|sink| sink.positions().last() == Some(&13)));
    assert_eq!(memory.positions(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13]);
    assert_eq!(late.positions(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13]);
    running.stop();
}

/// Nothing more can be had of it: lag, stop and retention must not wait for what was in the gap.
#[test]
fn a_journal_that_a_repair_left_ending_in_a_gap_is_delivered() {
    let (world, memory) = delivered();
    let directory = world.directory.path().join("journal");
    let segment = directory.join("00000000000000000001.log");
    let mut bytes = fs::read(&segment).unwrap();
    let body = subscribe(10).into_bytes();
    let place = bytes.windows(body.len()).position(|window| window == body).unwrap();
    bytes[place] ^= 1;
    fs::write(&segment, bytes).unwrap();
    assert!(!kalends_journal_local::repair(&directory).unwrap().damage.is_empty());

    let late = Memory::default();
    let running = world.run(vec![sink("memory", &memory), sink("late", &late)]);
    eventually("what is left to arrive", || running.sink("late").lag_events == 0);
    assert_eq!(late.positions(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let stop = std::thread::spawn(move || running.delivery.stop(Duration::from_hours(1)));
    eventually("delivery to stop without a wait", || stop.is_finished());
}

#[test]
fn records_in_another_unit_of_time_are_never_mixed_into_a_topic() {
    let (mut world, memory) = delivered();
    world.unit = TimeUnit::Micros;
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(11)]);
    holds(&running, "would be mixed");
    running.stop();
    let topics = Topics { prefix: "micros.".to_owned(), ..Topics::default() };
    let running = world.run(vec![SinkSettings { topics, ..sink("memory", &memory) }]);
    eventually("the event in a topic of its own", || memory.positions().len() == 11);
    running.stop();
    world.unit = TimeUnit::Millis;
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(12)]);
    eventually("back to the old topics", || memory.positions().len() == 12);
    running.stop();
}

/// The note is a minute old: what this run has committed itself is what counts.
#[test]
fn an_older_checkpoint_at_a_reconnect_is_a_hold_though_the_note_is_older_still() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=5).map(subscribe));
    eventually("five events", || running.sink("memory").position == 5);
    let older = memory.store().checkpoint;
    append(&running.journal, (6..=10).map(subscribe));
    eventually("ten events", || running.sink("memory").position == 10);
    memory.store().checkpoint = older;
    memory.store().script.push_back(Some(Failure::retry("the connection is lost")));
    append(&running.journal, [subscribe(11)]);
    holds(&running, "an older state of the destination");
    assert_eq!(memory.positions().len(), 10, "nothing is delivered again");
    running.stop();
}

#[test]
fn a_hold_names_the_best_position_that_is_known_in_a_command_that_can_be_pasted() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=10).map(subscribe));
    eventually("ten events", || running.sink("memory").position == 10);
    memory.store().checkpoint = None;
    memory.store().script.push_back(Some(Failure::retry("the connection is lost")));
    append(&running.journal, [subscribe(11)]);
    holds(&running, "`kalends sinks seek memory --to 11 -c k.yaml`");
    running.stop();
}

fn noted_position(world: &World) -> u64 {
    let noted = kalends_delivery::noted_checkpoint(&world.notes());
    noted.unwrap().map_or(0, |checkpoint| checkpoint.position)
}

#[test]
fn the_note_follows_a_checkpoint_behind_which_nothing_waits() {
    let (world, memory) = (World::new(), Memory::default());
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, (1..=10).map(subscribe));
    eventually("the note is close behind", || noted_position(&world) == 10);
    running.stop();
}

/// As on a full disk: the temporary file of the note can't be made.
fn make_notes_fail(world: &World) {
    let notes = world.directory.path().join("journal/sinks");
    fs::create_dir_all(notes.join("memory.json.tmp")).unwrap();
}

#[test]
fn a_note_that_can_not_be_renewed_stops_nobody_while_the_one_that_stands_will_do() {
    let (world, memory) = delivered();
    make_notes_fail(&world);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(11)]);
    eventually("the event behind the note", || memory.positions().len() == 11);
    assert_eq!(noted_position(&world), 10);
    running.stop();
}

#[test]
fn without_any_note_nothing_is_delivered() {
    let (world, memory) = (World::new(), Memory::default());
    make_notes_fail(&world);
    let running = world.run(vec![sink("memory", &memory)]);
    append(&running.journal, [subscribe(1)]);
    eventually("the failure", || running.sink("memory").state == SinkState::Retry);
    assert!(running.sink("memory").last_error.unwrap().contains("memory.json"));
    assert!(memory.positions().is_empty());
    running.stop();
}
