//! A standby, and a failover to it that loses commits.

use kalends_sink_postgres::{ConnectSettings, Password, PostgresSink, Settings, Tls};

use crate::{
    events::{START, subscribe},
    servers::{Crashing, Pair},
    world::{Deliver, Made, World, at, made, retried, sink},
};

fn some(count: u64, first: u64) -> Vec<Made> {
    let events: Vec<_> = (0..count).map(|_| subscribe("s", START, START, "a@b.c", None)).collect();
    made(&events, first)
}

fn through(world: &World, servers: &[&Crashing]) -> PostgresSink {
    let hosts: Vec<String> =
        servers.iter().map(|server| format!("127.0.0.1:{}", server.server().port)).collect();
    let url = format!("postgres://kalends@{}/kalends", hosts.join(","));
    let connect = ConnectSettings::new(&url, Password::None, Tls::Off).unwrap();
    sink(Settings { connect, ..world.settings() })
}

#[test]
fn a_failover_that_loses_commits_is_gone_on_from_where_the_database_is() {
    let Pair { primary, standby } = Pair::new();
    let world = World::new(standby.server());
    let words = retried(through(&world, &[&standby]).reconnect());
    assert!(words.contains("25006") && words.contains("standby"), "{words}");
    // Of several hosts the one that can be written to, wherever it stands in the list.
    let mut sink = through(&world, &[&standby, &primary]);
    assert_eq!(sink.reconnect().unwrap(), None);
    sink.deliver(&some(4, 1)).unwrap();
    let written = primary.server().sql("SELECT pg_current_wal_lsn()");
    while standby.server().sql(&format!("SELECT pg_last_wal_replay_lsn() >= '{written}'")) != "t" {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    standby.kill();
    sink.deliver(&some(4, 5)).unwrap();
    primary.kill();
    standby.start();
    standby.server().sql("SELECT pg_promote()");
    assert_eq!(sink.reconnect().unwrap(), Some(at(4)), "rows and position went back together");
    sink.deliver(&some(8, 5)).unwrap();
    assert_eq!(world.positions("subscribe"), (1..=12).collect::<Vec<_>>());
    drop(world);
    standby.kill();
}
