//! What a listener needs to speak TLS, and who asks it, from the files that the configuration names.

mod pinned;

use std::{fs, path::Path, sync::Arc};

use kalends_ingress::rustls::{
    self, ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use self::pinned::Pinned;
use crate::settings::Tls;

/// Protocols of the public listener, the one it likes best first.
pub const PUBLIC: &[&[u8]] = &[b"h2", b"http/1.1"];
/// Protocols of the operator's listener.
pub const ADMIN: &[&[u8]] = &[b"http/1.1"];

/// TLS can't be spoken with what was configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Fault {
    /// The key under `tls` that is at fault.
    pub key: &'static str,
    /// What is wrong with it, and what to do. Never the private key.
    pub message: String,
}

/// Reads the files.
///
/// # Errors
/// The first [`Fault`].
pub fn server(tls: &Tls, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, Fault> {
    let chain = certificates("certificate", &tls.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(tls.key.expose().as_bytes()).map_err(|_| Fault {
        key: "key",
        message: format!("there is no private key in PEM in {}", tls.key.reference()),
    })?;
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault { key: "certificate", message: error.to_string() })?;
    let builder = match &tls.client_ca {
        Some(path) => builder.with_client_cert_verifier(verifier(path)?),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| Fault {
        key: "key",
        message: format!("this key and the certificate can't be used together: {error}"),
    })?;
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}

/// What it takes to ask a listener of this configuration: it has to show the certificate that is named here, so that neither
/// its name nor who signed it matters.
///
/// # Errors
/// The certificate can't be read, or clients have to show one of their own.
pub fn client(tls: &Tls) -> Result<Arc<ClientConfig>, Fault> {
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

fn verifier(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, Fault> {
    let fault = |message: String| Fault { key: "client_ca", message };
    let mut roots = RootCertStore::empty();
    for authority in certificates("client_ca", path)? {
        roots.add(authority).map_err(|error| fault(format!("{}: {error}", path.display())))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier.map_err(|error| fault(error.to_string()))
}

fn certificates(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let fault = |reason: String| Fault { key, message: format!("{}: {reason}", path.display()) };
    let text = fs::read(path).map_err(|error| fault(format!("the file can't be read: {error}")))?;
    let all = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let all = all.map_err(|error| fault(format!("this is no PEM: {error}")))?;
    if all.is_empty() {
        return Err(fault("there is no certificate in PEM in it".to_owned()));
    }
    Ok(all)
}
