use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operator's own schemas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schemas {
    /// Directory whose `*.avsc` files are laid over the built-in schemas at start-up: one with a built-in's full name
    /// replaces it, and any other is a new event type. Default: none. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
}
