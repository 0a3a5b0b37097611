use std::fmt;

use ipnet::IpNet;

use crate::Token;

/// A path that takes webhooks.
#[derive(Clone)]
pub struct Endpoint {
    /// Its name in the configuration; stored with every receipt.
    pub name: String,
    /// The path as it stands in a request line, such as `/webhooks/rokt`; with or without a slash at its end. May itself
    /// be the secret, so it is never logged.
    pub path: String,
    /// The live tokens; any one opens. With none, whoever knows the path may post.
    pub tokens: Vec<Token>,
    /// Networks that may post here; with none, all may.
    pub allow: Vec<IpNet>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("name", &self.name)
            .field("path", &"[redacted]")
            .field("tokens", &self.tokens.len())
            .field("allow", &self.allow)
            .finish()
    }
}
