use std::path::PathBuf;

use serde::Deserialize;

/// The operator's own schemas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schemas {
    /// Directory whose `*.avsc` files are laid over the built-in schemas at start-up: one with a built-in's full name
    /// replaces it, and any other is a new event type. Default: none. Since 0.1.
    pub directory: Option<PathBuf>,
}
