use kalends_sink::Sink;
use kalends_sink_postgres::Use;

use crate::{
    events::{START, subscribe, unsubscribe},
    servers,
    world::{Deliver, JOURNAL, Made, World, at, held, made, sink, streams},
};

fn some(count: u64, first: u64) -> Vec<Made> {
    let events: Vec<_> =
        (0..count).map(|n| subscribe(&format!("s{}", first + n), START, START, "a@b.c", None)).collect();
    made(&events, first)
}

#[test]
fn rows_and_checkpoint_arrive_together_on_every_server() {
    for server in servers::all() {
        let world = World::new(server);
        let mut sink = world.sink();
        assert_eq!(sink.reconnect().unwrap(), None, "{}", world.server.name);
        sink.deliver(&some(100, 1)).unwrap();
        sink.put(&some(10, 101)).unwrap();
        assert_eq!(sink.reconnect().unwrap(), Some(at(100)), "what was not committed is void");
        sink.deliver(&some(10, 101)).unwrap();
        assert_eq!(world.positions("subscribe"), (1..=110).collect::<Vec<_>>());
        assert_eq!(world.sink().reconnect().unwrap(), Some(at(110)));
    }
}

#[test]
fn every_event_type_has_its_row() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/samples");
    let mut files: Vec<_> = std::fs::read_dir(samples).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let events: Vec<_> =
        files.iter().map(|path| crate::events::Event::raw(std::fs::read(path).unwrap())).collect();
    assert!(events.len() > 6, "{}", events.len());
    for server in servers::all() {
        let world = World::new(server);
        world.connected().deliver(&made(&events, 1)).unwrap();
        let tables = streams();
        let rows = tables.iter().map(|stream| world.positions(&stream.topic).len());
        assert_eq!(rows.sum::<usize>(), events.len());
        let tags = world.sql("SELECT max(calendar_tag_texts::text) FROM rokt.subscribe");
        assert!(tags.starts_with("{\""), "{tags}");
        let created = world.sql("SELECT max(created_date_time_utc) FROM rokt.subscribe");
        assert_eq!(created, "2017-03-15 03:48:24.822+00");
    }
}

#[test]
fn going_back_writes_no_row_twice_and_fills_what_is_missing() {
    let world = World::new(servers::old());
    let mut sink = world.connected();
    sink.deliver(&some(200, 1)).unwrap();
    sink.commit(at(100)).unwrap();
    world.sql("DELETE FROM rokt.subscribe WHERE journal_position = 150");
    // Some at or below the highest ever, some above it.
    sink.deliver(&some(150, 101)).unwrap();
    assert_eq!(world.positions("subscribe"), (1..=250).collect::<Vec<_>>());
}

#[test]
fn a_sink_by_another_name_holds_and_names_the_one_before() {
    let world = World::new(servers::old());
    world.connected().deliver(&some(10, 1)).unwrap();
    let mut settings = world.settings();
    settings.sink = "renamed".into();
    let mut renamed = sink(settings);
    assert_eq!(renamed.reconnect().unwrap(), None);
    let words = held(renamed.deliver(&some(10, 1)));
    assert!(words.contains("database through position 10"), "{words}");
    assert!(words.contains("kalends sinks seek renamed --to"), "{words}");
    assert_eq!(world.positions("subscribe").len(), 10);
}

#[test]
fn a_replay_writes_what_is_missing_and_goes_on_where_it_was_beside_the_live_checkpoint() {
    let world = World::new(servers::old());
    world.connected().deliver(&some(10, 1)).unwrap();
    world.sql("DELETE FROM rokt.subscribe WHERE journal_position IN (3, 4)");
    let mut settings = world.settings();
    settings.purpose = Use::Replay;
    settings.sink = "database-replay-one".into();
    let mut replay = sink(settings.clone());
    assert_eq!(replay.reconnect().unwrap(), None);
    replay.deliver(&some(3, 1)).unwrap();
    assert_eq!(replay.reconnect().unwrap(), Some(at(3)), "a connection that is cut ends no replay");
    let mut killed = sink(settings);
    assert_eq!(killed.reconnect().unwrap(), Some(at(3)));
    killed.deliver(&some(7, 4)).unwrap();
    assert_eq!(world.positions("subscribe"), (1..=10).collect::<Vec<_>>());
    let live = "SELECT position, epoch FROM rokt.checkpoints WHERE sink = 'database'";
    assert_eq!(world.sql(live), "10|1");
}

#[test]
fn a_zombie_commits_nothing_and_names_who_took_over() {
    for server in servers::all() {
        let world = World::new(server);
        let (mut zombie, mut successor) = (world.connected(), world.sink());
        zombie.deliver(&some(5, 1)).unwrap();
        zombie.put(&some(5, 6)).unwrap();
        assert_eq!(successor.reconnect().unwrap(), Some(at(5)));
        let words = held(zombie.commit(at(10)));
        assert!(
            words.contains("another process delivers") && words.contains("kalends sinks resume database"),
            "{words}"
        );
        // It does not fight: not at the next connect either, until it is told to.
        held(zombie.reconnect());
        successor.deliver(&some(5, 6)).unwrap();
        zombie.resume();
        assert_eq!(zombie.reconnect().unwrap(), Some(at(10)));
        held(successor.deliver(&some(1, 11)));
        assert_eq!(world.positions("subscribe"), (1..=10).collect::<Vec<_>>());
    }
}

#[test]
fn a_database_put_back_to_an_earlier_state_is_gone_on_from() {
    let world = World::new(servers::old());
    let mut sink = world.connected();
    sink.deliver(&some(5, 1)).unwrap();
    let before = world.sql("SELECT epoch, instance FROM rokt.checkpoints");
    // The sink connects again and goes on; then everything since is put back.
    sink.reconnect().unwrap();
    sink.deliver(&some(5, 6)).unwrap();
    let (epoch, instance) = before.split_once('|').unwrap();
    world.sql("DELETE FROM rokt.subscribe WHERE journal_position > 5");
    world.sql(&format!(
        "UPDATE rokt.checkpoints SET epoch = {epoch}, instance = 'older{instance}', position = 5, highest = 5, chain = {}",
        at(5).chain.cast_signed()
    ));
    assert_eq!(sink.reconnect().unwrap(), Some(at(5)), "a lower epoch is an older state, not another owner");
    sink.deliver(&some(5, 6)).unwrap();
    assert_eq!(world.positions("subscribe"), (1..=10).collect::<Vec<_>>());
}

#[test]
fn two_sinks_of_one_journal_share_a_dead_letter() {
    let world = World::new(servers::old());
    let mut other = world.settings();
    other.sink = "other".into();
    let (mut one, mut two) = (world.connected(), sink(other));
    two.reconnect().unwrap();
    let letter = || [Made::condemned(&unsubscribe("s", None, START), 1, "Unsubscribe")];
    one.deliver(&letter()).unwrap();
    two.deliver(&letter()).unwrap();
    assert_eq!(world.positions("dead_letter"), [1]);
}

#[test]
fn two_sinks_of_two_journals_share_a_schema() {
    let world = World::new(servers::old());
    let (mut one, mut two) = (world.connected(), world.sink());
    let other = kalends_sink::JournalId::new([8; 16]);
    two.connect(other, &streams()).unwrap();
    one.deliver(&some(5, 1)).unwrap();
    two.commit(kalends_sink::Checkpoint { journal: other, ..at(3) }).unwrap();
    one.deliver(&made(&[unsubscribe("s1", None, START)], 6)).unwrap();
    assert_eq!(one.connect(JOURNAL, &streams()).unwrap(), Some(at(6)));
    assert_eq!(world.sql("SELECT count(*) FROM rokt.checkpoints"), "2");
}
