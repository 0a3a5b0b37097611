use std::sync::Arc;

use kalends_ingress::rustls::{self, ClientConfig};
use kalends_settings::{
    Tls,
    server_tls::{Fault, certificates},
};

use super::pinned::Pinned;

/// What it takes to ask a listener of this configuration: it has to show the certificate that is named here, so that neither
/// its name nor who signed it matters.
///
/// # Errors
/// The certificate can't be read, or clients have to show one of their own.
pub(super) fn client(tls: &Tls) -> Result<Arc<ClientConfig>, Fault> {
    if tls.client_ca.is_some() {
        let message =
            "clients have to show a certificate, and this command has none; ask with curl --cert --key";
        return Err(Fault { key: "client_ca", message: message.to_owned() });
    }
    let mut chain = certificates("certificate", &tls.certificate)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pinned = Pinned {
        // There is one at least.
        certificate: chain.swap_remove(0),
        file: tls.certificate.clone(),
        provider: Arc::clone(&provider),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault { key: "certificate", message: error.to_string() })?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(pinned));
    Ok(Arc::new(builder.with_no_client_auth()))
}
