use std::{fs, path::Path};

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::settings::{SettingsError, Tls};

/// How a client speaks TLS. Reads the files, so that a fault in them is found before anybody is talked to.
///
/// # Errors
/// Which file or key can't be used, and why. Never a secret.
pub fn config(tls: &Tls) -> Result<TlsConfig, SettingsError> {
    let roots = match &tls.ca {
        Some(path) => RootCerts::from(certificates("tls.ca", path)?),
        None => RootCerts::PlatformVerifier,
    };
    let client = match &tls.identity {
        Some(identity) => {
            let chain = certificates("tls.certificate", &identity.certificate)?;
            // The error could quote the key.
            let key = PrivateKey::from_pem(identity.key.as_bytes())
                .map_err(|_| SettingsError::new("tls.key", "there is no private key in PEM in it"))?;
            Some(ClientCert::new_with_certs(&chain, key))
        }
        None => None,
    };
    Ok(TlsConfig::builder().root_certs(roots).client_cert(client).build())
}

fn certificates(key: &'static str, path: &Path) -> Result<Vec<Certificate<'static>>, SettingsError> {
    let fault = |reason: String| SettingsError::new(key, format!("{}: {reason}", path.display()));
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
mod tests;
