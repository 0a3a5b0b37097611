use std::{fs, path::PathBuf, sync::Arc};

use kalends_outgoing::Identity;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio_rustls::rustls::{
    RootCertStore, ServerConfig, pki_types::PrivatePkcs8KeyDer, server::WebPkiClientVerifier,
};

use crate::registry::{Error, Settings, client::Client, register, stub::Stub};

/// An authority of the test's own, and a folder for what it signs.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder: tempfile::tempdir().unwrap() }
    }

    fn write(&self, name: &str, pem: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, pem).unwrap();
        path
    }

    /// A server that wants a certificate of this authority.
    fn server(&self) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let chain = vec![params.signed_by(&key, &self.issuer).unwrap().der().clone()];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let builder = ServerConfig::builder().with_client_cert_verifier(verifier);
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    }

    fn identity(&self) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["kalends".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: self.write("client.pem", &certificate.pem()), key: key.serialize_pem() }
    }
}

fn look_up(settings: &Settings) -> Result<Option<u32>, Error> {
    let found = Client::new(settings, None)?.look_up("a-value", "{}")?;
    Ok(found.map(|found| found.id))
}

#[test]
fn a_registry_of_ones_own_authority_that_wants_a_certificate_is_asked() {
    let authority = Authority::new();
    let stub = Stub::secured(authority.server(), |_, _| (200, r#"{"id":7,"version":1}"#.into()));
    let mut settings = Settings::new(vec![stub.url.clone()]);
    settings.tls.ca = Some(authority.write("ca.pem", &authority.issuer.pem()));
    settings.tls.identity = Some(authority.identity());
    assert_eq!(look_up(&settings), Ok(Some(7)));

    settings.tls.identity = None;
    assert!(matches!(look_up(&settings), Err(Error::Silent { .. })), "without a certificate");
    settings.tls.identity = Some(authority.identity());
    settings.tls.ca = Some(authority.write("ca.pem", &Authority::new().issuer.pem()));
    let told = look_up(&settings).unwrap_err().to_string();
    assert!(told.contains("certificate"), "another authority: {told}");
    settings.tls.ca = None;
    assert!(matches!(look_up(&settings), Err(Error::Silent { .. })), "the system's authorities");
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn files_that_are_no_certificates_are_told_before_anybody_is_asked() {
    let authority = Authority::new();
    let mut settings = Settings::new(vec!["https://127.0.0.1:1".into()]);
    settings.tls.ca = Some(authority.write("empty.pem", "nothing"));
    let told = register(&settings, &[]).unwrap_err().to_string();
    assert!(told.starts_with("tls.ca: ") && told.contains("no certificate"), "{told}");
    settings.tls.ca = None;
    settings.tls.identity = Some(Identity { key: "hunter2".into(), ..authority.identity() });
    let told = register(&settings, &[]).unwrap_err().to_string();
    assert!(told.starts_with("tls.key: ") && !told.contains("hunter2"), "{told}");
}
