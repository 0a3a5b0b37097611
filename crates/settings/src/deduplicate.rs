use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use kalends_value::duration;

/// The dedup window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deduplicate {
    /// An event is a duplicate when the same one was received within this time before it. Default 7 d. Since 0.1.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub window: Duration,
}

impl Default for Deduplicate {
    fn default() -> Self {
        Self { window: Duration::from_hours(7 * 24) }
    }
}
