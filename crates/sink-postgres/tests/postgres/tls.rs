//! Encryption and passwords.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use kalends_sink_postgres::{ConnectSettings, Password, Settings, Tls, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::{
    servers,
    world::{Deliver, World, held, sink},
};

/// Files of an authority, and of a server's certificate that it has signed.
fn certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    fs::write(folder.join("server.pem"), server.pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(
        folder.join("hba.conf"),
        "host all kalends 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n",
    )
    .unwrap();
}

#[test]
fn certificates_are_verified_and_a_password_that_rotates_needs_no_restart() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    certificates(folder.path());
    let file = |name: &str| folder.path().join(name);
    let server = servers::encrypted(&file("server.pem"), &file("server.key"), &file("hba.conf"));
    let world = World::new(server.clone());
    world.sql("DROP ROLE IF EXISTS secret_writer; CREATE ROLE secret_writer LOGIN SUPERUSER PASSWORD 'one'");
    fs::write(file("password"), "one\n").unwrap();
    let url = format!("postgres://secret_writer@127.0.0.1:{}/kalends", server.port);
    let with = |port_url: &str, tls: Tls, password: Password| {
        let connect = ConnectSettings::new(port_url, password, tls).unwrap();
        sink(Settings { connect, ..world.settings() })
    };
    let trusting = || Tls::Verified(TlsFiles { ca: Some(file("ca.pem")), ..TlsFiles::default() });
    let mut rotating = with(&url, trusting(), Password::File(file("password")));
    assert_eq!(rotating.reconnect().unwrap(), None);
    world.sql("ALTER ROLE secret_writer PASSWORD 'two'");
    let words = held(rotating.reconnect());
    assert!(words.contains("28P01") && !words.contains("one"), "{words}");
    fs::write(file("password"), "two\n").unwrap();
    rotating.reconnect().unwrap();
    // An authority of the system has not signed it, and without TLS nobody is let in.
    let words =
        held(with(&url, Tls::Verified(TlsFiles::default()), Password::Given("two".into())).reconnect());
    assert!(words.contains("certificate"), "{words}");
    let words = held(with(&url, Tls::Off, Password::Given("two".into())).reconnect());
    assert!(words.contains("28000"), "{words}");
    // A server without TLS is not spoken to in the clear.
    let plain = format!("postgres://kalends@127.0.0.1:{}/kalends", servers::old().port);
    let words = held(with(&plain, trusting(), Password::None).reconnect());
    assert!(words.contains("TLS"), "{words}");
}
