use std::{
    fs,
    path::{Path, PathBuf},
};

use kalends_value::{ClientTls, Secret};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

/// TLS for `https`.
///
/// Has no `Debug`: it holds a private key.
#[derive(Clone, Default)]
pub struct Tls {
    /// File with the authorities in PEM that may have signed the server's certificate; those of the system unless set.
    pub ca: Option<PathBuf>,
    /// Certificate and key of the client.
    pub identity: Option<Identity>,
}

/// A client's certificate and key.
#[derive(Clone)]
pub struct Identity {
    /// File with the certificate and those that lead to its authority, in PEM.
    pub certificate: PathBuf,
    /// The private key, in PEM.
    pub key: String,
}

/// `https` can't be spoken so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct TlsFault {
    /// The key that is at fault: `tls.ca`, `tls.certificate` or `tls.key`.
    pub key: &'static str,
    /// The fault. Never the private key.
    pub message: String,
}

impl From<&ClientTls> for Tls {
    /// A certificate without a key has an empty one.
    fn from(tls: &ClientTls) -> Self {
        let key = tls.key.as_ref().map(Secret::expose).unwrap_or_default();
        let identity = |certificate| Identity { certificate, key: key.to_owned() };
        Self { ca: tls.ca.clone(), identity: tls.certificate.clone().map(identity) }
    }
}

impl Tls {
    /// Reads the files, so that a fault in them is found before anybody is talked to.
    ///
    /// # Errors
    /// The first [`TlsFault`].
    pub fn read(&self) -> Result<TlsConfig, TlsFault> {
        let roots = match &self.ca {
            Some(path) => RootCerts::from(certificates("tls.ca", path)?),
            None => RootCerts::PlatformVerifier,
        };
        let client = self.identity.as_ref().map(Identity::read).transpose()?;
        Ok(TlsConfig::builder().root_certs(roots).client_cert(client).build())
    }
}

impl Identity {
    fn read(&self) -> Result<ClientCert, TlsFault> {
        let chain = certificates("tls.certificate", &self.certificate)?;
        // The error could quote the key.
        let key = PrivateKey::from_pem(self.key.as_bytes()).map_err(|_| TlsFault {
            key: "tls.key",
            message: "there is no private key in PEM in it".to_owned(),
        })?;
        Ok(ClientCert::new_with_certs(&chain, key))
    }
}

fn certificates(key: &'static str, path: &Path) -> Result<Vec<Certificate<'static>>, TlsFault> {
    let fault = |reason: String| TlsFault { key, message: format!("{}: {reason}", path.display()) };
    let text = fs::read(path).map_err(|error| fault(format!("the file can't be read: {error}")))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| fault("this is no PEM".to_owned()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(fault("there is no certificate in PEM in it".to_owned()));
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_certificates_are_told_with_their_key() {
        let folder = tempfile::tempdir().unwrap();
        let (empty, missing) = (folder.path().join("empty.pem"), folder.path().join("missing.pem"));
        fs::write(&empty, "nothing").unwrap();
        let told = |tls: &Tls| tls.read().unwrap_err().to_string();
        let of_ca = told(&Tls { ca: Some(empty), identity: None });
        assert!(of_ca.starts_with("tls.ca: ") && of_ca.contains("no certificate"), "{of_ca}");
        let identity = Some(Identity { certificate: missing, key: "hunter2".into() });
        let of_certificate = told(&Tls { ca: None, identity });
        assert!(of_certificate.starts_with("tls.certificate: "), "{of_certificate}");
        assert!(of_certificate.contains("can't be read"), "{of_certificate}");
    }
}
