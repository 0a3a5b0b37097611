//! TLS of a listener, from the files that the configuration names.

use std::{fs, path::Path, sync::Arc};

use kalends_ingress::rustls::{
    self, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};

use crate::Tls;

/// Protocols of the public listener, the one it likes best first.
pub const PUBLIC: &[&[u8]] = &[b"h2", b"http/1.1"];
/// Protocols of the operator's listener.
pub const ADMIN: &[&[u8]] = &[b"http/1.1"];

/// Message about a file that is not PEM, without a byte of it.
const NOT_PEM: &str = "this is no valid PEM; a certificate is base64 between the lines -----BEGIN CERTIFICATE----- and \
                       -----END CERTIFICATE-----, each on a line of its own";

/// TLS can't be spoken with what was configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Fault {
    /// The key under `tls` that is at fault.
    pub key: &'static str,
    /// The fault and its remedy. Never the private key.
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

/// Reads the certificates of a file, at least one; `key` is the one under `tls` that names it.
///
/// # Errors
/// The file can't be read or has no certificate.
pub fn certificates(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let fault = |reason: String| Fault { key, message: format!("{}: {reason}", path.display()) };
    let text = fs::read(path).map_err(|error| fault(format!("the file can't be read: {error}")))?;
    let all = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    // The parser's error quotes the file, which may hold a private key as well.
    let all = all.map_err(|_| fault(NOT_PEM.to_owned()))?;
    if all.is_empty() {
        return Err(fault("there is no certificate in PEM in it".to_owned()));
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
