//! A real schema registry that wants to see a certificate, and one that takes no schema.

use std::{fs, path::Path, process::Output};

use kalends_tests::{Installation, config, own_schema, registry::Registry, sample, tls_gate::TlsGate};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::schema_registry::services;

/// Writes an authority into a folder, and what it signs: a certificate for `localhost`, and a client's.
fn certify(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.crt"), issuer.pem()).unwrap();
    for (file, name) in [("server", "localhost"), ("client", "kalends")] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        // OpenSSL takes one that is called as its authority for that.
        params.distinguished_name.push(DnType::CommonName, name);
        let signed = params.signed_by(&key, &issuer).unwrap();
        fs::write(folder.join(format!("{file}.crt")), signed.pem()).unwrap();
        fs::write(folder.join(format!("{file}.key")), key.serialize_pem()).unwrap();
    }
}

fn run(installation: &Installation, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        installation.run(arguments.iter().chain(&["-c", "kalends.yaml"])).unwrap();
    (status.code(), [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat())
}

/// The registry speaks TLS by a gate in front of it that is made of OpenSSL: Apicurio's build can't be told to want certificates.
#[test]
fn a_registry_that_wants_a_certificate_is_shown_one_and_what_is_wrong_with_it_is_told() {
    let Some((broker, registry)) = services() else { return };
    let (gates, installation) = (tempfile::tempdir().unwrap(), Installation::new("").unwrap());
    certify(gates.path());
    let at = |file: &str| gates.path().join(file);
    let (authority, path) = registry.url().trim_start_matches("http://").split_once('/').unwrap();
    let gate = TlsGate::open(&at("server.crt"), &at("server.key"), &at("ca.crt"), authority).unwrap();
    let (url, plain) = [("https://localhost", path), ("http://localhost", path)]
        .map(|(host, path)| format!("{host}:{}/{path}", gate.port()))
        .into();
    let own = "certificate: ./client.crt, key: { file: ./client.key }";
    let configure = |url: &str, tls: &str| {
        let keys = if tls.is_empty() { String::new() } else { format!("tls: {{ {tls} }}") };
        let topics = "topics: { prefix: strict. }";
        installation.configure(&config::kafka_with_registry(broker.bootstrap(), url, &keys, topics)).unwrap();
    };
    let copy = |from: &Path| {
        for file in ["ca.crt", "client.crt", "client.key"] {
            fs::copy(from.join(file), installation.path(file)).unwrap();
        }
    };

    copy(gates.path());
    configure(&url, &format!("ca: ./ca.crt, {own}"));
    let (code, said) = run(&installation, &["schemas", "register"]);
    assert_eq!(code, Some(0), "{said}");
    let daemon = installation.start().unwrap();
    assert_eq!(daemon.post(&sample::seven().unwrap()[0].body).unwrap().status, 200);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    let latest = registry.get("/subjects/strict.subscribe-value/versions/latest").unwrap();
    let id = u32::try_from(latest["id"].as_u64().unwrap()).unwrap().to_be_bytes();
    assert_eq!(broker.committed("strict.subscribe").unwrap()[0].value[1..5], id);

    let strangers = tempfile::tempdir().unwrap();
    certify(strangers.path());
    let refused = |url: &str, tls: &str, parts: &[&str]| {
        configure(url, tls);
        let (code, said) = run(&installation, &["schemas", "check", "--registry"]);
        assert_eq!(code, Some(69), "{tls}: {said}");
        for part in parts {
            assert!(said.contains(part), "{url} {tls}: no {part:?} in {said}");
        }
    };
    let (whole, pair) = (format!("ca: ./ca.crt, {own}"), ["`tls.certificate` and `tls.key`"]);
    refused(&url, "ca: ./ca.crt", &pair);
    refused(&url, own, &["check `tls.ca`"]);
    refused(&plain, "", &["begin `url` with https://"]);
    refused(&registry.url().replace("http://", "https://"), "ca: ./ca.crt", &["begin `url` with http://"]);
    fs::copy(strangers.path().join("ca.crt"), installation.path("ca.crt")).unwrap();
    refused(&url, &whole, &["check `tls.ca`"]);
    copy(strangers.path());
    fs::copy(at("ca.crt"), installation.path("ca.crt")).unwrap();
    refused(&url, &whole, &pair);
}

#[test]
fn a_read_only_registry_stops_nothing_that_is_known_and_holds_what_is_not() {
    let Some((broker, _)) = services() else { return };
    let Some(registry) = Registry::start("read-only").unwrap() else { return };
    let topics = "topics: { prefix: frozen. }";
    let configuration =
        config::kafka_with_registry(broker.bootstrap(), registry.url(), "auto_register: true", topics);
    let installation = Installation::new(&configuration).unwrap();
    let subscribe = String::from_utf8(sample::seven().unwrap().swap_remove(0).body).unwrap();
    let delivered = |count: usize| assert_eq!(broker.committed("frozen.subscribe").unwrap().len(), count);
    let daemon = installation.start().unwrap();
    assert_eq!(daemon.post(&subscribe).unwrap().status, 200);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    delivered(1);

    registry.set_read_only(true).unwrap();
    let again = subscribe.replace("\"eventId\": \"", "\"eventId\": \"again-");
    let daemon = installation.start().unwrap();
    assert_eq!(daemon.post(&again).unwrap().status, 200);
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    delivered(2);
    assert_eq!(run(&installation, &["schemas", "register"]).0, Some(0), "what is there needs no writing");

    fs::create_dir(installation.path("schemas")).unwrap();
    fs::write(
        installation.path("schemas/paused.avsc"),
        own_schema::subscription_paused().unwrap().to_string(),
    )
    .unwrap();
    installation.configure(&format!("{configuration}schemas: {{ directory: ./schemas }}\n")).unwrap();
    let (code, said) = run(&installation, &["schemas", "register"]);
    assert!(
        code == Some(69) && said.contains("is read-only") && !said.contains("compatible"),
        "{code:?} {said}"
    );
    let daemon = installation.start().unwrap();
    let paused = r#"{"eventId":"p-1","eventType":"SubscriptionPaused","eventDetails":{}}"#;
    assert_eq!(daemon.post(paused).unwrap().status, 200);
    let status = daemon.wait_until_on_hold("kafka").unwrap();
    assert!(status.contains("is read-only") && status.contains("let it take schemas again"), "{status}");

    registry.set_read_only(false).unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();
    delivered(2);
    assert_eq!(broker.committed("frozen.subscription-paused").unwrap().len(), 1);
    assert_eq!(broker.committed("frozen.dead-letter").unwrap(), []);
}
