//! From events to the records of one sink.

pub(crate) mod encoder;
pub(crate) mod rejected;
pub(crate) mod routes;
