//! Times as senders write them, time zones and instants.

pub(crate) mod instant;
mod renamed_zones;
pub(crate) mod unit;
mod windows_zones;
pub(crate) mod zone;

pub use unit::TimeUnit;
