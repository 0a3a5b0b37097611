//! Classes of librdkafka's errors, and advice for each.

mod class;
mod classify;
pub(crate) mod creation;
pub(crate) mod hints;
mod table;

pub(crate) use class::Class;
pub(crate) use classify::{classify, of_code, of_response};
pub(crate) use hints::{advise, with_hint};
