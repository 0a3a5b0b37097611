//! TLS on the public listener.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
};

use kalends_ingress::Control;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
    server::WebPkiClientVerifier,
    version::TLS13,
};

use crate::{
    client::webhook,
    daemon::{DEADLINE, Daemon},
};

/// An authority of the test's own, which signs servers and clients.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        (vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }

    fn server(&self, clients: Option<&Self>) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder();
        let builder = match clients {
            Some(authority) => builder
                .with_client_cert_verifier(WebPkiClientVerifier::builder(authority.roots()).build().unwrap()),
            None => builder.with_no_client_auth(),
        };
        let (chain, key) = self.issue("localhost");
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    }

    fn client(&self, identity: Option<&Self>) -> Arc<ClientConfig> {
        let builder =
            ClientConfig::builder_with_protocol_versions(&[&TLS13]).with_root_certificates(self.roots());
        Arc::new(match identity {
            Some(authority) => {
                let (chain, key) = authority.issue("client");
                builder.with_client_auth_cert(chain, key).unwrap()
            }
            None => builder.with_no_client_auth(),
        })
    }
}

fn listener(tls: Arc<ServerConfig>) -> Daemon {
    Daemon::start_with(|settings| settings.tls = Some(tls))
}

/// The status that a webhook gets; the error where TLS comes to nothing.
fn status(daemon: &Daemon, client: Arc<ClientConfig>) -> std::io::Result<String> {
    let stream = TcpStream::connect(daemon.address)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let connection = ClientConnection::new(client, ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(&webhook("{}"))?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(String::from_utf8_lossy(&status).into_owned())
}

#[test]
fn webhooks_come_through_tls() {
    let authority = Authority::new();
    let daemon = listener(authority.server(None));
    assert_eq!(status(&daemon, authority.client(None)).unwrap(), "HTTP/1.1 200");
    assert_eq!(daemon.stored_bodies(), [b"{}"]);
}

#[test]
fn a_client_that_speaks_no_tls_gets_nothing_and_is_counted() {
    let daemon = listener(Authority::new().server(None));
    let mut client = daemon.connect();
    client.send_at_will(&webhook("{}"));
    daemon.wait_until("kalends_http_tls_failures_total", |count| count > 0.5);
    assert!(daemon.stored().is_empty());
}

#[test]
fn a_client_certificate_is_asked_for_where_an_authority_is_named() {
    let (servers, clients, others) = (Authority::new(), Authority::new(), Authority::new());
    let daemon = listener(servers.server(Some(&clients)));
    assert_eq!(status(&daemon, servers.client(Some(&clients))).unwrap(), "HTTP/1.1 200");
    for identity in [None, Some(&others)] {
        let error = status(&daemon, servers.client(identity)).unwrap_err();
        assert_ne!(error.kind(), ErrorKind::TimedOut, "{error}");
    }
    assert_eq!(daemon.stored().len(), 1);
}

#[test]
fn a_new_certificate_is_shown_from_the_next_connection_on() {
    let (old, new) = (Authority::new(), Authority::new());
    let daemon = listener(old.server(None));
    assert!(status(&daemon, new.client(None)).is_err());
    let mut settings = daemon.settings.clone();
    settings.tls = Some(new.server(None));
    daemon.control.apply(Control::prepare(settings).unwrap());
    let begun = std::time::Instant::now();
    while status(&daemon, new.client(None)).is_err() {
        assert!(begun.elapsed() < DEADLINE, "the new certificate is not shown");
    }
    assert!(status(&daemon, old.client(None)).is_err());
}
