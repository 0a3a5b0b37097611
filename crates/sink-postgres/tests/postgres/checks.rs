//! What `check --connect` finds out.

use kalends_sink_postgres::{ConnectSettings, Password, Settings, Tls, preflight};

use crate::{
    servers,
    world::{Deliver, World, sink, streams},
};

#[test]
fn a_preflight_makes_nothing_and_claims_nothing() {
    for server in servers::all() {
        let world = World::new(server);
        let found = preflight(&world.settings(), &streams());
        assert_eq!((found.wrong, found.unavailable), (vec![], vec![]), "{}", world.server.name);
        assert!(
            found.notes.iter().any(|note| note.contains("will be made") && note.contains("subscribe")),
            "{:?}",
            found.notes
        );
        let there = format!("SELECT count(*) FROM pg_namespace WHERE nspname = '{}'", world.schema);
        assert_eq!(world.sql(&there), "0");
        let mut sink = world.connected();
        let found = preflight(&world.settings(), &streams());
        assert_eq!((found.wrong, found.unavailable, found.notes.len()), (vec![], vec![], 2));
        sink.deliver(&crate::world::made(&[crate::events::subscribe("s", 0, 0, "a", None)], 1)).unwrap();
        assert_eq!(world.sql("SELECT count(*) FROM rokt.checkpoints"), "1");
    }
}

#[test]
fn the_least_rights_serve_and_a_missing_one_is_named() {
    let world = World::new(servers::old());
    drop(world.connected());
    let role = format!("writer_{}", world.schema);
    world.sql(&format!("CREATE ROLE {role} LOGIN"));
    let url = format!("postgres://{role}@127.0.0.1:{}/kalends", world.server.port);
    let connect = ConnectSettings::new(&url, Password::None, Tls::Off).unwrap();
    let settings = || Settings { connect: connect.clone(), migrate: false, ..world.settings() };
    let grants = [
        format!("GRANT USAGE ON SCHEMA rokt. TO {role}").replace("rokt.", &world.schema),
        format!("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA rokt. TO {role}")
            .replace("rokt.", &world.schema),
        format!("GRANT UPDATE ON rokt.checkpoints TO {role}"),
    ];
    for grant in &grants {
        world.sql(grant);
    }
    let found = preflight(&settings(), &streams());
    assert!(found.wrong.len() == 1 && found.wrong[0].contains("42501"), "{:?}", found.wrong);
    world.sql(&format!("GRANT UPDATE ON rokt.subscription_state TO {role}"));
    let found = preflight(&settings(), &streams());
    assert_eq!((found.wrong, found.unavailable), (vec![], vec![]));
    let mut sink = sink(settings());
    sink.reconnect().unwrap();
    sink.deliver(&crate::world::made(&[crate::events::subscribe("s", 0, 0, "a", None)], 1)).unwrap();
    world.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
