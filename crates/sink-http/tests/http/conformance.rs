//! What every kind of sink must do, of a receiver that knows what it has had.

use kalends_sink::{
    Sink, Stream,
    conformance::{Destination, Silence},
};
use serde_json::json;

use crate::{
    events::{self, START},
    fake::{Fake, webhook},
    world::{Made, World, streams},
};

struct Receiver {
    fake: Fake,
    world: World,
}

impl Destination for Receiver {
    fn fresh(_name: &str) -> Option<Self> {
        let fake = Fake::new(webhook);
        fake.refuse("refused@example.org");
        let world = World::new("webhook", &fake, &json!({ "timeout": "500ms" }));
        Some(Self { fake, world })
    }

    fn sink(&self) -> Box<dyn Sink> {
        self.world.sink()
    }

    fn streams(&self) -> Vec<Stream> {
        streams().into_iter().filter(|stream| stream.schema.name == "Subscribe").collect()
    }

    fn datum(&self, position: u64) -> Vec<u8> {
        let event = events::subscribe(&format!("s-{position}"), START, START, "a@example.org", None);
        Made::new(&event, position).into_datum()
    }

    fn read_back(&self, _stream: usize) -> Vec<u64> {
        let position = |id: &String| id.rsplit('-').next().unwrap().parse().unwrap();
        self.fake.with(|kept| kept.ids.iter().map(position).collect())
    }

    fn refused(&self) -> Option<Vec<u8>> {
        let event = events::subscribe("s", START, START, "refused@example.org", None);
        Some(Made::new(&event, 3).into_datum())
    }

    fn silence(&self, _silence: Silence) -> bool {
        self.fake.silence();
        true
    }

    fn heal(&self) {
        self.fake.heal();
    }
}

kalends_sink::conformance!(Receiver);
