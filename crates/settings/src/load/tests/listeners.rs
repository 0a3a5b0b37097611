//! Messages about listeners: TLS, networks, rates.

use rcgen::{CertificateParams, KeyPair};

use super::{SOUND, fails, load_text};

#[test]
fn listeners_faults_are_told_at_their_places() {
    let faults = [
        ("listen: { tls: {} }", "k.yaml:3:11: listen.tls: the key `certificate` is missing; add it"),
        (
            "listen: { tls: { certificate: /nowhere/tls.crt, key: plain } }",
            "k.yaml:3:49: listen.tls.key: a secret is never written in the configuration; write { env: NAME } or { file: PATH }",
        ),
        (
            "listen: { trusted_proxies: [10.0.0.0/33] }",
            "k.yaml:3:29: listen.trusted_proxies[0]: `10.0.0.0/33` is no network; write an address and how many of its bits count, such as 192.0.2.0/24 or 2001:db8::/32, or one address",
        ),
        (
            "listen: { trusted_proxies: [10.0.0.1, 0.0.0.0/0] }",
            "k.yaml:3:39: listen.trusted_proxies[1]: whoever posts could say whose address counts; name your proxies alone",
        ),
        (
            "listen: { rate: { total: 1.5 } }",
            "k.yaml:3:19: listen.rate.total: expected a whole number, found a fraction",
        ),
        (
            "listen: { max_connections: true }",
            "k.yaml:3:11: listen.max_connections: expected a whole number, found true or false",
        ),
        (
            "admin: { address: \"0.0.0.0:8080\" }",
            "k.yaml:3:10: admin.address: 127.0.0.1:8080 is listen.address already; write another port",
        ),
        (
            "listen: { max_body: 2GiB, max_in_flight: 4GiB }\njournal: { segment_size: 2GiB, max_size: 20GiB }",
            "k.yaml:3:11: listen.max_body: the journal stores no such body; write at most 2046MiB",
        ),
        (
            "listen: { rate: { total: many } }",
            "k.yaml:3:19: listen.rate.total: expected an integer, found text",
        ),
    ];
    for (yaml, expected) in faults {
        fails(&format!("{SOUND}{yaml}"), &[], &[expected]);
    }
}

#[test]
fn endpoints_of_one_path_are_told_whatever_the_path() {
    for (first, second) in [("/", "/"), ("/a", "/a/"), ("/a/", "/a")] {
        let yaml = format!(
            "endpoints:\n  a: {{ path: {first} }}\n  b: {{ path: {second} }}\nsinks: {{ f: {{ kind: files }} }}\n"
        );
        let expected = "k.yaml:3:8: endpoints.b.path: endpoint `a` has this path already; each needs its own";
        fails(&yaml, &[], &[expected]);
    }
}

#[test]
fn name_that_is_too_long_for_a_file_is_refused() {
    let yaml =
        |name: &str| format!("endpoints: {{ {name}: {{}} }}\nsinks: {{ {name}: {{ kind: files }} }}\n");
    assert!(load_text(&yaml(&"n".repeat(200)), &[]).is_ok());
    let problems = load_text(&yaml(&"n".repeat(201)), &[]).unwrap_err();
    assert_eq!(problems.matches("at most 200 of them").count(), 2, "{problems}");
}

#[test]
fn a_secret_path_of_nothing_is_no_credential() {
    let yaml = "listen: { address: \"0.0.0.0:8080\" }\nendpoints: { main: { path: { env: P } } }\nsinks: { f: { kind: files } }\n";
    assert!(load_text(yaml, &[("P", "/only-the-sender-knows")]).is_ok());
    let problems = load_text(yaml, &[("P", "/")]).unwrap_err();
    assert!(problems.contains("endpoints.main: anybody who reaches"), "{problems}");
}

#[test]
fn a_name_is_told_beside_what_is_wrong_below_it() {
    let problems =
        load_text("endpoints: { main: {} }\nsinks: { K: { kind: files, bad: 1, required: 2 } }\n", &[])
            .unwrap_err();
    for expected in [
        "sinks.K: a name consists of",
        "sinks.K.bad: unknown key",
        "sinks.K.required: expected true or false, found a number",
    ] {
        assert!(problems.contains(expected), "{problems}");
    }
}

#[test]
fn tls_that_can_not_be_spoken_is_found_before_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).display().to_string();
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(at("tls.crt"), certificate.pem()).unwrap();
    std::fs::write(at("empty"), "").unwrap();
    let env = [("KEY", &*key.serialize_pem()), ("OTHER", &*other.serialize_pem()), ("TEXT", "text")];
    let load = |certificate: &str, key: &str, more: &str| {
        let tls = format!("tls: {{ certificate: {}, key: {{ env: {key} }}{more} }}", at(certificate));
        load_text(&format!("{SOUND}listen: {{ {tls} }}\nadmin: {{ {tls} }}\n"), &env)
    };
    load("tls.crt", "KEY", "").unwrap();
    load("tls.crt", "KEY", &format!(", client_ca: {}", at("tls.crt"))).unwrap();
    let faults = [
        (load("missing", "KEY", ""), "listen.tls.certificate", "the file can't be read"),
        (load("empty", "KEY", ""), "listen.tls.certificate", "there is no certificate in PEM in it"),
        (load("tls.crt", "TEXT", ""), "listen.tls.key", "no private key in PEM in environment variable TEXT"),
        (load("tls.crt", "OTHER", ""), "listen.tls.key", "can't be used together"),
        (
            load("tls.crt", "KEY", &format!(", client_ca: {}", at("empty"))),
            "listen.tls.client_ca",
            "no certificate",
        ),
    ];
    for (loaded, key, message) in faults {
        let problems = loaded.unwrap_err();
        assert_eq!(problems.lines().count(), 2, "one for each listener: {problems}");
        assert!(problems.contains(key) && problems.contains(message), "{problems}");
        assert!(!problems.contains("PRIVATE KEY"), "{problems}");
    }
}

#[test]
fn a_listener_that_knows_its_clients_by_certificate_needs_no_token() {
    let directory = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let file = directory.path().join("tls.crt").display().to_string();
    std::fs::write(&file, certificate.pem()).unwrap();
    let pem = key.serialize_pem();
    let load = |more: &str| {
        let tls = format!("{{ certificate: {file}, key: {{ env: KEY }}{more} }}");
        load_text(&format!("{SOUND}listen: {{ address: 0.0.0.0:8080, tls: {tls} }}\n"), &[("KEY", &pem)])
    };
    assert!(load("").unwrap_err().contains("anybody who reaches 0.0.0.0:8080 could post here"));
    load(&format!(", client_ca: {file}")).unwrap();
}

#[test]
fn path_that_no_client_sends_is_refused() {
    let load = |path: &str| {
        load_text(
            &format!("sinks: {{ f: {{ kind: files }} }}\nendpoints: {{ main: {{ path: \"{path}\" }} }}\n"),
            &[],
        )
    };
    for path in ["/", "/webhooks/rokt", "/a-b.c_d~e", "/a%20b/%E2%82%AC", "/a:b@c;d=1,2+3!$&'()*"] {
        load(path).unwrap();
    }
    for path in [
        "/a<b", "/a|b", "/a%7Eb", "/a%7eb", "/a%41", "/a%", "/a%2", "/a%zz", "/a b", "/a?b", "/a#b", "/a^b",
        "/é",
    ] {
        let told = load(path).unwrap_err();
        assert!(
            told.starts_with("k.yaml:2:22: endpoints.main.path: a path consists of letters"),
            "{path}: {told}"
        );
    }
    for path in ["/a/../b", "/./a", "/..", "/a/."] {
        let told = load(path).unwrap_err();
        assert!(told.contains("clients take `.` and `..` out of a path"), "{path}: {told}");
    }
}
