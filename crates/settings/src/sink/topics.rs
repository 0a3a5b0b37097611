use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names of the topics.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Topics {
    /// What stands before the event type's own part of the name. Default `rokt.calendar.`. Since 0.1.
    pub prefix: String,
    /// Whole names of single topics by event type, such as `{ Subscribe: crm.signups }`. Default: none. Since 0.1.
    pub names: BTreeMap<String, String>,
}

impl Topics {
    /// The topic of a record type, given its name and what follows the prefix by default.
    #[must_use]
    pub fn topic(&self, record: &str, suffix: &str) -> String {
        self.names.get(record).cloned().unwrap_or_else(|| format!("{}{suffix}", self.prefix))
    }
}

impl Default for Topics {
    fn default() -> Self {
        Self { prefix: "rokt.calendar.".into(), names: BTreeMap::new() }
    }
}
