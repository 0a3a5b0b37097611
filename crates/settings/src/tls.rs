use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use kalends_value::Secret;

/// TLS on a listener: 1.2 and 1.3.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// File with the certificate and those that lead to its authority, in PEM. Since 0.1.
    pub certificate: PathBuf,
    /// The certificate's private key, in PEM. A reference only. Since 0.1.
    pub key: Secret,
    /// File with the authorities, in PEM, one of which has to have signed a client's certificate. Default: clients need
    /// none. Since 0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
}
