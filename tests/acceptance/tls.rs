//! TLS on both listeners of a daemon, and who asks it there.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
};

use kalends_ingress::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use kalends_tests::{Daemon, Installation, config, event, http::Connection, wait::PATIENCE, wait_until};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::reload::reload;

/// An authority of the test's own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Puts a new certificate that it has signed, and its key, into this folder.
    pub(crate) fn certify(&self, folder: &Path) {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        fs::write(folder.join("tls.crt"), certificate.pem()).unwrap();
        fs::write(folder.join("tls.key"), key.serialize_pem()).unwrap();
    }

    /// The status that a request gets of who believes this authority alone; the error where TLS comes to nothing.
    fn asks(
        &self,
        address: SocketAddr,
        version: &'static SupportedProtocolVersion,
        request: &str,
    ) -> io::Result<u16> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let client = ClientConfig::builder_with_protocol_versions(&[version]).with_root_certificates(roots);
        let client = Arc::new(client.with_no_client_auth());
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = StreamOwned::new(ClientConnection::new(client, name).unwrap(), stream);
        stream.write_all(request.as_bytes())?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        let status = std::str::from_utf8(&head).ok().and_then(|head| head.get(9..)?.parse().ok());
        status.ok_or(io::ErrorKind::InvalidData.into())
    }

    /// The status that the public listener answers to who asks for nothing in particular.
    pub(crate) fn ready(&self, daemon: &Daemon) -> io::Result<u16> {
        self.asks(daemon.public(), &TLS13, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
    }

    /// The status of a webhook and of `/readyz`.
    fn reaches(&self, daemon: &Daemon, version: &'static SupportedProtocolVersion) -> io::Result<(u16, u16)> {
        let body = event::webhook("a", 1);
        let webhook = format!(
            "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
            config::PATH,
            body.len()
        );
        let ready = "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        Ok((self.asks(daemon.public(), version, &webhook)?, self.asks(daemon.admin(), version, ready)?))
    }
}

/// A configuration whose public listener speaks TLS with what stands in this folder.
pub(crate) fn of_the_public_listener(folder: &str) -> String {
    let tls = TLS.replace("./", &format!("{folder}/"));
    config::files().replacen("address: 127.0.0.1:0 }", &format!("address: 127.0.0.1:0, {tls} }}"), 1)
}

const TLS: &str = "tls: { certificate: ./tls.crt, key: { file: ./tls.key } }";

/// Both listeners speak TLS; the admin listener has this address, and this in its TLS.
fn configuration(admin: SocketAddr, more: &str) -> String {
    let tls = TLS.replace(" } }", &format!(" }}{more} }}"));
    config::files()
        .replace("listen: { address: 127.0.0.1:0 }", &format!("listen: {{ address: 127.0.0.1:0, {TLS} }}"))
        .replace("admin: { address: 127.0.0.1:0 }", &format!("admin: {{ address: {admin}, {tls} }}"))
}

const ANYWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

fn start(authority: &Authority) -> (Installation, Daemon) {
    let installation = Installation::new(&configuration(ANYWHERE.into(), "")).unwrap();
    authority.certify(installation.directory());
    let mut command = installation.command(["run", "--config", "kalends.yaml"]).unwrap();
    let daemon = Daemon::spawn(command.stdout(Stdio::null()), installation.path("log")).unwrap();
    wait_until("both listeners to answer through TLS", PATIENCE, || {
        let statuses = authority.reaches(&daemon, &TLS13)?;
        Ok((statuses == (200, 200)).then_some(()))
    })
    .unwrap();
    (installation, daemon)
}

#[test]
fn certificates_of_both_listeners_are_rotated_without_a_restart() {
    let (old, new) = (Authority::new(), Authority::new());
    let (installation, mut daemon) = start(&old);
    assert_eq!(old.reaches(&daemon, &TLS12).unwrap(), (200, 200));
    for listener in [daemon.public(), daemon.admin()] {
        let plain = Connection::open(listener).unwrap().request("GET", "/readyz", &[], b"");
        assert!(plain.is_err(), "{plain:?} to who speaks no TLS");
    }

    // The new certificate with the old key: nothing changes.
    let key = fs::read(installation.path("tls.key")).unwrap();
    new.certify(installation.directory());
    let new_key = fs::read(installation.path("tls.key")).unwrap();
    fs::write(installation.path("tls.key"), key).unwrap();
    let line = reload(&mut daemon, "is refused and the old one stays in effect");
    assert!(line.contains("listen.tls.key") && line.contains("admin.tls.key"), "{line}");
    assert_eq!(old.reaches(&daemon, &TLS13).unwrap(), (200, 200));

    fs::write(installation.path("tls.key"), new_key).unwrap();
    reload(&mut daemon, "a new configuration is in effect");
    wait_until("the new certificate", PATIENCE, || Ok(Some(new.reaches(&daemon, &TLS13)?))).unwrap();
    assert!(old.reaches(&daemon, &TLS13).is_err());
}

#[test]
fn commands_ask_a_listener_that_speaks_tls_and_believe_the_configured_certificate_alone() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (installation, daemon) = start(&authority);
    let said = |output: &Output| [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy).concat();
    let ends = |arguments: &[&str]| {
        let output = installation.run(arguments.iter().chain(&["-c", "kalends.yaml"])).unwrap();
        (output.status.code(), said(&output))
    };
    let address = daemon.admin().to_string();
    assert_eq!(ends(&["status", "--ready", "--address", &address]), (Some(0), "ready\n".to_owned()));
    installation.configure(&configuration(daemon.admin(), "")).unwrap();
    assert_eq!(ends(&["status", "--ready"]), (Some(0), "ready\n".to_owned()));
    let (code, list) = ends(&["sinks", "list"]);
    assert!(code == Some(0) && !list.contains("unknown"), "asked the daemon: {list}");

    installation.configure(&configuration(daemon.admin(), ", client_ca: ./tls.crt")).unwrap();
    let (code, text) = ends(&["status"]);
    assert!(code == Some(69) && text.contains("admin.tls.client_ca: "), "{text}");
    installation.configure(&configuration(daemon.admin(), "")).unwrap();
    other.certify(installation.directory());
    let (code, text) = ends(&["status"]);
    assert!(code == Some(69) && text.contains("is not the one in ./tls.crt"), "{text}");
    let (code, list) = ends(&["sinks", "list"]);
    assert!(code == Some(0) && list.contains("unknown"), "as was noted last: {list}");
    assert!(list.contains("is not the one in ./tls.crt"), "and why: {list}");
}
