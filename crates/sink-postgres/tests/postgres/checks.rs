//! What `check --connect` finds out.

use kalends_sink::{Scope, SinkDefinition};
use kalends_sink_postgres::{
    ConnectSettings, Password, Postgres, PostgresSettings, Settings, Tls, preflight,
};

use crate::{
    servers,
    world::{Deliver, JOURNAL, World, sink, streams},
};

#[test]
fn a_preflight_makes_nothing_and_claims_nothing() {
    for server in servers::all() {
        let world = World::new(server);
        let found = preflight(&world.settings(), Some(JOURNAL), &streams());
        assert_eq!((found.wrong, found.unavailable), (vec![], vec![]), "{}", world.server.name);
        assert!(
            found.notes.iter().any(|note| note.contains("will be made") && note.contains("subscribe")),
            "{:?}",
            found.notes
        );
        let there = format!("SELECT count(*) FROM pg_namespace WHERE nspname = '{}'", world.schema);
        assert_eq!(world.sql(&there), "0");
        let mut sink = world.connected();
        let found = preflight(&world.settings(), Some(JOURNAL), &streams());
        assert_eq!((found.wrong, found.unavailable, found.notes.len()), (vec![], vec![], 2));
        sink.deliver(&crate::world::made(&[crate::events::subscribe("s", 0, 0, "a", None)], 1)).unwrap();
        assert_eq!(world.sql("SELECT count(*) FROM rokt.checkpoints"), "1");
    }
}

#[test]
fn a_preflight_tells_the_checkpoint_and_finds_one_that_is_not_kept() {
    let world = World::new(servers::old());
    let mut sink = world.connected();
    sink.deliver(&crate::world::made(&[crate::events::subscribe("s", 0, 0, "a", None)], 1)).unwrap();
    let found = || preflight(&world.settings(), Some(JOURNAL), &streams());
    assert_eq!((found().checkpoint, found().wrong), (Some(crate::world::at(1)), vec![]));
    world.sql(
        "CREATE FUNCTION rokt.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
         CREATE TRIGGER no BEFORE UPDATE ON rokt.checkpoints FOR EACH ROW EXECUTE FUNCTION rokt.no()",
    );
    let wrong = found().wrong;
    assert!(wrong.len() == 1 && wrong[0].contains("does not keep what is written to it"), "{wrong:?}");
    world.sql("DROP TRIGGER no ON rokt.checkpoints");
    world.sql("CREATE OR REPLACE VIEW rokt.subscribers AS SELECT * FROM rokt.subscriptions");
    world.sql("ALTER VIEW rokt.subscribers RENAME COLUMN status TO theirs");
    let notes = found().notes;
    assert!(notes.iter().any(|note| note.contains("subscribers was changed by somebody")), "{notes:?}");
    assert_eq!(world.sql("SELECT count(*), max(position) FROM rokt.checkpoints"), "1|1", "all rolled back");
}

#[test]
fn addresses_that_are_altered_make_no_list_of_consent() {
    let world = World::new(servers::old());
    sink(Settings { marketing: false, ..world.settings() }).reconnect().unwrap();
    let views = format!("SELECT viewname FROM pg_views WHERE schemaname = '{}' ORDER BY 1", world.schema);
    assert_eq!(world.sql(&views), "subscribers\nsubscriptions");
    let told = |altered: &[&str]| {
        let altered: Vec<String> = altered.iter().map(|field| (*field).to_owned()).collect();
        let scope = Scope { sink: "database", records: None, altered: &altered };
        Postgres::notes(&PostgresSettings::default(), &scope)
    };
    assert_eq!(told(&["user_agent"]), Vec::<String>::new());
    let notes = told(&["email_address", "user_agent"]);
    assert!(notes.len() == 1 && notes[0].contains("rokt.marketing_allowed is not made"), "{notes:?}");
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
    let found = preflight(&settings(), Some(JOURNAL), &streams());
    assert!(found.wrong.len() == 1 && found.wrong[0].contains("42501"), "{:?}", found.wrong);
    world.sql(&format!("GRANT UPDATE ON rokt.subscription_state TO {role}"));
    let found = preflight(&settings(), Some(JOURNAL), &streams());
    assert_eq!((found.wrong, found.unavailable), (vec![], vec![]));
    let mut sink = sink(settings());
    sink.reconnect().unwrap();
    sink.deliver(&crate::world::made(&[crate::events::subscribe("s", 0, 0, "a", None)], 1)).unwrap();
    world.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
