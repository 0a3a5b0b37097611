//! For `#[serde(with = "duration::optional")]`: the same for a key that may be left out.

use std::time::Duration;

use serde::{Deserializer, Serializer};

/// Does the same as [`duration::deserialize`](super::deserialize).
///
/// # Errors
/// As there.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    super::deserialize(deserializer).map(Some)
}

/// Does the same as [`duration::serialize`](super::serialize).
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => super::serialize(duration, serializer),
        None => serializer.serialize_none(),
    }
}
