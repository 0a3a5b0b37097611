//! What every kind of sink must do, of PostgreSQL.

use kalends_sink::{Sink, Stream, conformance::Destination};
use serde_json::json;

use crate::{
    events::{Event, START},
    servers,
    world::{Made, World, streams},
};

const TYPES: [&str; 2] = ["Subscribe", "Unsubscribe"];
const TABLES: [&str; 2] = ["subscribe", "unsubscribe"];

struct Database(World);

impl Destination for Database {
    fn fresh(_name: &str) -> Option<Self> {
        Some(Self(World::new(servers::old())))
    }

    fn sink(&self) -> Box<dyn Sink> {
        Box::new(self.0.sink())
    }

    fn streams(&self) -> Vec<Stream> {
        let of = |table: &str| streams().into_iter().find(|stream| *stream.topic == *table).unwrap();
        TABLES.iter().map(|table| of(table)).collect()
    }

    fn datum(&self, position: u64) -> Vec<u8> {
        let kind = TYPES[usize::try_from(position % 2).unwrap()];
        Made::new(&Event::new(kind, &format!("s-{position}"), START, &json!({})), position).into_datum()
    }

    fn read_back(&self, stream: usize) -> Vec<u64> {
        self.0.positions(TABLES[stream])
    }
}

kalends_sink::conformance!(Database);
