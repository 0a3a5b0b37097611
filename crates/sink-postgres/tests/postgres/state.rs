//! The state of subscriptions: named cases, and any order against a model.

mod model;
mod named;
mod orders;

use kalends_sink_postgres::{PostgresSink, Settings, Use};

use crate::{
    events::Event,
    world::{Deliver, Made, World, sink},
};

/// A sink that writes rows and state as a replay does: as often as wanted, in any order.
pub(crate) fn applying(world: &World) -> PostgresSink {
    let mut sink =
        sink(Settings { purpose: Use::Replay, sink: "database-replay-state".into(), ..world.settings() });
    sink.reconnect().unwrap();
    sink
}

/// Applies events, each at the position that its place in the list gives, in this order.
pub(crate) fn apply(world: &World, events: &[Event]) {
    let records: Vec<Made> =
        events.iter().zip(1..).map(|(event, position)| Made::new(event, position)).collect();
    applying(world).deliver(&records).unwrap();
}

/// What the view says: id, status and address, by id.
pub(crate) fn statuses(world: &World) -> String {
    world.sql("SELECT calendar_subscription_id, status, email_address FROM rokt.subscriptions ORDER BY 1")
}

/// Every column of the state, by id.
pub(crate) fn whole(world: &World) -> String {
    world.sql("SELECT s::text FROM rokt.subscription_state s ORDER BY calendar_subscription_id COLLATE \"C\"")
}
