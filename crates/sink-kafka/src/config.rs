//! Settings as librdkafka's properties, and what is wrong with them.

mod check;
mod clients;
mod property_errors;
mod reserved;

pub use check::{SettingsError, check};
pub(crate) use clients::{
    Batching, Isolation, admin, consumer, is_uncompressed, max_message_bytes, probe, producer,
};
