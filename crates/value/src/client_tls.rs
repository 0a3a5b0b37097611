use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Misfit, Path, Secret};

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
    /// Holds that certificate and key stand together; the paths are from the TLS settings.
    #[must_use]
    pub fn check(&self) -> Vec<Misfit> {
        let key = (self.certificate.is_some() && self.key.is_none())
            .then(|| (Path::keys(&["key"]), "certificate needs one; add `key: { file: PATH }`".to_owned()));
        let certificate = (self.key.is_some() && self.certificate.is_none())
            .then(|| (Path::keys(&["certificate"]), "key needs one; add `certificate: PATH`".to_owned()));
        key.into_iter().chain(certificate).collect()
    }

    /// Whether there is a key that could be read. That it is missing or could not be read is reported elsewhere.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.as_ref().is_some_and(|key| !key.expose().is_empty())
    }
}
