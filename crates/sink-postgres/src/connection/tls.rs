use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::SettingsFault;

/// Whether and how the connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: for sockets and loopback.
    Off,
    /// Encrypted, and the server's certificate is checked against its name.
    Verified(TlsFiles),
}

/// What TLS reads at each connect.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// File with the authorities in PEM that may have signed the server's certificate; those of the system unless set.
    pub ca: Option<PathBuf>,
    /// File with the client's certificate and those that lead to its authority, in PEM.
    pub certificate: Option<PathBuf>,
    /// The client's private key, in PEM.
    pub key: Option<String>,
}

impl fmt::Debug for TlsFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsFiles")
            .field("ca", &self.ca)
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

impl Tls {
    pub(super) fn client_config(&self) -> Result<ClientConfig, SettingsFault> {
        let none = TlsFiles::default();
        let files = if let Self::Verified(files) = self { files } else { &none };
        let unusable =
            |error: rustls::Error| SettingsFault::of("tls", format!("TLS can't be set up: {error}"));
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let builder = match &files.ca {
            None => builder.with_platform_verifier().map_err(unusable)?,
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates("tls.ca", path)? {
                    roots.add(certificate).map_err(unusable)?;
                }
                builder.with_root_certificates(roots)
            }
        };
        match (&files.certificate, &files.key) {
            (Some(path), Some(key)) => {
                // The error could quote the key.
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| {
                    SettingsFault::of("tls.key", "there is no private key in PEM in it".to_owned())
                })?;
                builder.with_client_auth_cert(certificates("tls.certificate", path)?, key).map_err(unusable)
            }
            _ => Ok(builder.with_no_client_auth()),
        }
    }
}

fn certificates(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, SettingsFault> {
    let fault = |reason: String| SettingsFault::of(key, format!("{}: {reason}", path.display()));
    let text = std::fs::read(path).map_err(|error| fault(format!("the file can't be read: {error}")))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_| fault("this is no PEM".to_owned()))?;
    if found.is_empty() {
        return Err(fault("there is no certificate in PEM in it".to_owned()));
    }
    Ok(found)
}
