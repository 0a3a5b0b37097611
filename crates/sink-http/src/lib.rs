//! The sink for any HTTP API, with presets that know their destination: `webhook`, `segment`, `braze`, `none`.
//!
//! A commit is a round of requests: before it, its events are noted as in doubt; after it, the position. Each event is sent at least
//! once, in order per key; what may stand twice is named. What a subscription's events have said of who it belongs to is
//! remembered, so that later ones reach the same person.

mod answer;
mod compose;
mod event;
mod explain;
mod identity;
mod json;
mod kind;
mod map;
mod metrics;
mod pace;
mod preflight;
mod preset;
mod round;
mod send;
mod signature;
mod sink;
mod store;
mod subscription;
mod template;

pub use kind::{After, Http, HttpSettings, Mapped, NoIdentity, PresetName, Rate, Tokens};
pub use metrics::Metrics;
pub use sink::HttpSink;
