//! Settings as librdkafka's properties, and what is wrong with them.

mod properties;
mod property_errors;

pub(crate) use properties::{
    Batching, Isolation, admin, consumer, is_uncompressed, max_message_bytes, probe, producer,
};
pub use properties::{SettingsError, check};
