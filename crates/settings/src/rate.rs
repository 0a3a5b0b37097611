use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits of requests a second; 0 is no limit. A limit may be exceeded for ten seconds' worth of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rate {
    /// Requests a second of one address that shows no right to post, 0 for no limit; more get 429
    /// without a look at what they show. Default 100. Since 0.1.
    pub unauthorised: u32,
    /// Requests a second of one address, authentic; 0 is no limit. Default 0. Since 0.1.
    pub per_address: u32,
    /// Requests a second of all addresses together, authentic; 0 is no limit. Default 0. Since 0.1.
    pub total: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { unauthorised: 100, per_address: 0, total: 0 }
    }
}
