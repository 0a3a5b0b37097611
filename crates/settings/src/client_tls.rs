use std::path::PathBuf;

use kalends_outgoing::{Identity, Tls};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Secret;

/// TLS towards a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientTls {
    /// File with the authorities, in PEM, that may have signed the server's certificate. Default: those of the system.
    /// Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// File with a client certificate and those that lead to its authority, in PEM. Default: none. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// The certificate's private key, in PEM. A reference only. Since 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
}

impl ClientTls {
    /// The same as clients want it. A certificate without a key has an empty one.
    pub(crate) fn outgoing(&self) -> Tls {
        let key = self.key.as_ref().map(Secret::expose).unwrap_or_default();
        let identity = |certificate| Identity { certificate, key: key.to_owned() };
        Tls { ca: self.ca.clone(), identity: self.certificate.clone().map(identity) }
    }
}
