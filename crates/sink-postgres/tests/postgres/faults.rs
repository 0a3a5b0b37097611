//! Connections that are cut, servers that die, servers that say nothing: nothing is lost, and nothing stands there twice.

use std::{sync::Arc, time::Duration};

use kalends_sink::{Checkpoint, Failure};
use kalends_sink_postgres::{PostgresSink, Settings};

use crate::{
    events::{Event, HOUR, START, subscribe, unsubscribe},
    proxy::{Fault, Proxy},
    servers::{self, Crashing},
    state::statuses,
    world::{Deliver, World, at, made, retried, sink},
};

/// Statements of a connect to a schema that has everything, and of the commits behind it.
const STATEMENTS: usize = 26;

fn events() -> Vec<Event> {
    let each = |n: u64| {
        let id = format!("s{}", n % 3);
        if n % 4 == 3 {
            unsubscribe(&id, Some(START + HOUR), START + HOUR)
        } else {
            subscribe(&id, START, START, "a@b.c", None)
        }
    };
    (0..12).map(each).collect()
}

/// Delivers all events in batches of four as delivery does: after a failure it connects, and goes on behind the
/// checkpoint that it finds. Returns how often it failed.
fn deliver_all(sink: &mut PostgresSink, first: Option<Checkpoint>) -> usize {
    let (events, mut failures, mut last) = (events(), 0, first);
    for _ in 0..200 {
        let step = || -> Result<bool, Failure> {
            let mut position = sink.reconnect()?.map_or(0, |checkpoint| checkpoint.position);
            assert!(position >= last.map_or(0, |last| last.position), "a commit that was told is there");
            while position < 12 {
                let batch: Vec<_> =
                    events.iter().skip(usize::try_from(position).unwrap()).take(4).cloned().collect();
                sink.deliver(&made(&batch, position + 1))?;
                position += 4;
                last = Some(at(position));
            }
            Ok(true)
        }();
        match step {
            Ok(_) => return failures,
            Err(Failure::Retry { .. }) => {
                failures += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(other) => panic!("{other}"),
        }
    }
    panic!("it never ended");
}

fn check(world: &World) {
    let mut positions = [world.positions("subscribe"), world.positions("unsubscribe")].concat();
    positions.sort_unstable();
    assert_eq!(positions, (1..=12).collect::<Vec<_>>());
    assert_eq!(
        world.sql("SELECT position, chain FROM rokt.checkpoints"),
        format!("12|{}", at(12).chain.cast_signed())
    );
    assert_eq!(statuses(world), "s0|unsubscribed|a@b.c\ns1|unsubscribed|a@b.c\ns2|unsubscribed|a@b.c");
}

fn through(world: &World, fault: Fault) -> (PostgresSink, Proxy) {
    let proxy = Proxy::new(world.server.port, fault);
    (sink(world.settings_through(proxy.port)), proxy)
}

/// Cuts the connection at every statement in turn.
fn cut(server: &servers::Server, fault: fn(usize) -> Fault) {
    cut_at(1..=STATEMENTS, server, fault);
}

fn cut_at(statements: impl IntoIterator<Item = usize>, server: &servers::Server, fault: fn(usize) -> Fault) {
    for statement in statements {
        let world = World::new(server.clone());
        drop(world.connected());
        let (mut sink, proxy) = through(&world, fault(statement));
        let failures = deliver_all(&mut sink, None);
        check(&world);
        assert!(proxy.struck() == (failures > 0), "statement {statement}: {failures} failures");
        if statement == 1 {
            assert!(proxy.struck());
        }
    }
}

#[test]
fn a_connection_cut_before_any_statement_loses_and_repeats_nothing() {
    cut(&servers::old(), Fault::Before);
}

#[test]
fn an_answer_that_is_lost_to_any_statement_even_to_commit_loses_and_repeats_nothing() {
    cut(&servers::old(), Fault::After);
}

#[test]
fn a_pooler_that_loses_connections_or_answers_loses_and_repeats_nothing() {
    cut_at((2..=STATEMENTS).step_by(3), &servers::pooler(), Fault::Before);
    cut_at((1..=STATEMENTS).step_by(3), &servers::pooler(), Fault::After);
}

#[test]
fn all_statements_are_cut_in_these_tests() {
    let world = World::new(servers::old());
    drop(world.connected());
    let (mut sink, proxy) = through(&world, Fault::Before(usize::MAX));
    assert_eq!(deliver_all(&mut sink, None), 0);
    let statements = proxy.statements.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(statements, STATEMENTS);
}

#[test]
fn a_server_killed_at_ten_statements_loses_and_repeats_nothing() {
    let crashing = Crashing::new("crash");
    for statement in 1..=10 {
        let world = World::new(crashing.server());
        drop(world.connected());
        let kill = crashing.clone();
        let fault = Fault::Do(2 * statement, Arc::new(move || kill.kill_and_start()));
        let (mut sink, proxy) = through(&world, fault);
        let failures = deliver_all(&mut sink, None);
        check(&world);
        assert!(proxy.struck() && failures > 0, "statement {statement}");
    }
}

#[test]
fn a_connection_that_falls_silent_is_given_up() {
    let world = World::new(servers::old());
    drop(world.connected());
    let proxy = Proxy::new(world.server.port, Fault::Silence(12));
    let settings = world.settings_through(proxy.port);
    let mut sink = sink(Settings { statement_timeout: Duration::from_secs(1), ..settings });
    sink.reconnect().unwrap();
    let words = retried(sink.deliver(&made(&events()[..4], 1)));
    assert!(words.contains("no answer within 6 s"), "{words}");
    // The transaction that nobody ends any more ends by itself, and with it its locks.
    deliver_all(&mut sink, None);
    check(&world);
}

#[test]
fn nobody_there_is_tried_again_and_no_database_is_a_hold() {
    let world = World::new(servers::old());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let words = retried(sink(world.settings_through(closed)).reconnect());
    assert!(words.contains(&format!("127.0.0.1:{closed}")), "{words}");
    let url = format!("postgres://kalends@127.0.0.1:{}/nowhere", world.server.port);
    let connect = kalends_sink_postgres::ConnectSettings::new(
        &url,
        kalends_sink_postgres::Password::None,
        kalends_sink_postgres::Tls::Off,
    );
    let words =
        crate::world::held(sink(Settings { connect: connect.unwrap(), ..world.settings() }).reconnect());
    assert!(words.contains("3D000") && words.contains("create the database"), "{words}");
}
