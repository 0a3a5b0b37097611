use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use kalends_value::{Secret, Text};

use super::Network;

/// One place that the sender posts to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoint {
    /// Path of the URL, with or without a slash at its end; or a reference to a secret one, which is then a credential.
    /// Default `/webhooks/rokt`. Since 0.1.
    pub path: Text,
    /// Live tokens, any of which lets a request in: as query parameter `token`, `Authorization: Bearer`, or the password of
    /// Basic. References only. Default: none. Since 0.1.
    pub tokens: Vec<Secret>,
    /// Networks that may post here (403 for all others). Default: all. Since 0.1.
    pub allow: Vec<Network>,
    /// Allows an endpoint without any credential on a listener that is not on loopback. Default false. Since 0.1.
    pub allow_anonymous: bool,
}

impl Endpoint {
    /// Returns whether a request has to know something: a token or a secret path.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        let is_secret = matches!(&self.path, Text::Secret(path) if path.expose() != "/");
        !self.tokens.is_empty() || is_secret
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            path: Text::Plain("/webhooks/rokt".into()),
            tokens: Vec::new(),
            allow: Vec::new(),
            allow_anonymous: false,
        }
    }
}
