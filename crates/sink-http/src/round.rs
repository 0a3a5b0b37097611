//! Events that go out at once: requests of which no two have events of one key.

mod pack;
mod request;

pub(crate) use pack::{Pack, Wave};
pub(crate) use request::{Part, Request};
