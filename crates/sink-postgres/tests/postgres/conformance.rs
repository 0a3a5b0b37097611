//! What every kind of sink must do, of PostgreSQL.

use std::time::Duration;

use kalends_sink::{
    Sink, Stream,
    conformance::{Destination, Silence},
};
use kalends_sink_postgres::{Settings, Use};
use serde_json::json;

use crate::{
    events::{Event, START},
    proxy::{Fault, Proxy},
    servers,
    silence::Muted,
    world::{JOURNAL, Made, World, sink, streams},
};

const TYPES: [&str; 2] = ["Subscribe", "Unsubscribe"];
const TABLES: [&str; 2] = ["subscribe", "unsubscribe"];

struct Database {
    world: World,
    proxy: Muted,
}

impl Database {
    fn settings(&self) -> Settings {
        // Nobody waits for half a minute here.
        let statement_timeout = Duration::from_secs(1);
        Settings { statement_timeout, ..self.world.settings_through(self.proxy.port) }
    }
}

fn two_streams() -> Vec<Stream> {
    let of = |table: &str| streams().into_iter().find(|stream| *stream.topic == *table).unwrap();
    TABLES.iter().map(|table| of(table)).collect()
}

impl Destination for Database {
    fn fresh(name: &str) -> Option<Self> {
        let world = World::new(servers::old());
        if name == "refused" || name.starts_with("dies-") {
            world.sink().connect(JOURNAL, &two_streams()).unwrap();
        }
        if name == "refused" {
            world.sql("ALTER TABLE rokt.unsubscribe ADD CHECK (unsubscribe_reason_text <> 'bad')");
        }
        let proxy = Muted::new(world.server.port);
        Some(Self { world, proxy })
    }

    fn sink(&self) -> Box<dyn Sink> {
        Box::new(sink(self.settings()))
    }

    fn streams(&self) -> Vec<Stream> {
        two_streams()
    }

    fn datum(&self, position: u64) -> Vec<u8> {
        let kind = TYPES[usize::try_from(position % 2).unwrap()];
        Made::new(&Event::new(kind, &format!("s-{position}"), START, &json!({})), position).into_datum()
    }

    fn read_back(&self, stream: usize) -> Vec<u64> {
        self.world.positions(TABLES[stream])
    }

    fn refused(&self) -> Option<Vec<u8>> {
        let bad = json!({ "unsubscribeReasonText": "bad" });
        Some(Made::new(&Event::new("Unsubscribe", "s-3", START, &bad), 3).into_datum())
    }

    fn dying_sink(&self, step: u32) -> Option<Box<dyn Sink>> {
        let fault = Fault::After(usize::try_from(step).unwrap());
        let proxy = Proxy::new(self.world.server.port, fault);
        Some(Box::new(sink(self.world.settings_through(proxy.port))))
    }

    fn silence(&self, silence: Silence) -> bool {
        self.proxy.silence(silence);
        true
    }

    fn heal(&self) {
        self.proxy.heal();
    }

    fn replay(&self) -> Option<Box<dyn Sink>> {
        let sink_name = "database-replay-suite".into();
        Some(Box::new(sink(Settings { purpose: Use::Replay, sink: sink_name, ..self.settings() })))
    }

    fn replays_in_place(&self) -> bool {
        true
    }
}

kalends_sink::conformance!(Database);
