//! Reasons why librdkafka makes no client of properties that it took one by one, in words that say what to do.

use std::fs;

use crate::Settings;

/// A part of what librdkafka says, and what would be right.
const LESSONS: [(&str, &str); 19] = [
    (
        "key values mismatch",
        "this is not the key of the certificate in ssl.certificate.location: name the two that were made together",
    ),
    (
        "no certificate assigned",
        "what is in ssl.key.location is of no use without its certificate: set ssl.certificate.location as well",
    ),
    (
        "ssl.ca.location failed",
        "it must be a file with the certificates, in PEM, of the authorities that signed the brokers'",
    ),
    ("ssl.crl.location failed", "it must be a file with lists of revoked certificates, in PEM"),
    (
        "ssl.certificate.location failed",
        "it must be a file with the client's certificate, in PEM, and behind it those that lead to its authority",
    ),
    (
        "ssl.key.location failed",
        "it must be a file with the private key, in PEM; if the key is encrypted, ssl.key.password must open it",
    ),
    ("ssl.ca.pem", "it must hold certificates in PEM, each from -----BEGIN CERTIFICATE----- on"),
    ("ssl.certificate.pem", "it must hold a certificate in PEM, from -----BEGIN CERTIFICATE----- on"),
    (
        "ssl.key.pem",
        "it must hold a private key in PEM; if the key is encrypted, ssl.key.password must open it",
    ),
    ("PKCS#12 file", "it must be a keystore in PKCS#12 that ssl.keystore.password opens"),
    ("ssl.cipher.suites failed", "OpenSSL has none of these; `openssl ciphers` lists what there is"),
    (
        "ssl.curves.list failed",
        "OpenSSL lacks one of these; `openssl ecparam -list_curves` lists what there is",
    ),
    ("ssl.sigalgs.list failed", "OpenSSL lacks one of these; write such as ECDSA+SHA256:RSA-PSS+SHA256"),
    (
        "OpenSSL provider",
        "OpenSSL can't load what ssl.providers names: check its names and where its modules are",
    ),
    (
        "OpenSSL engine",
        "OpenSSL can't load what ssl.engine.location names: check that it is an engine's library",
    ),
    (
        "SASL mechanism",
        "set sasl.mechanism to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; without one it is GSSAPI, which kalends lacks",
    ),
    (
        "sasl.username and sasl.password must be set",
        "this sasl.mechanism needs sasl.username and sasl.password: set both",
    ),
    (
        "`socket.timeout.ms` must be",
        "the cluster ends a transaction after a minute: write a socket.timeout.ms of at most 60100",
    ),
    ("greater than `linger.ms`", "a record is given up after a minute: write a linger.ms of less than 60000"),
];

/// The property that is at fault, where one of those that are set can be named, and what is wrong.
pub(crate) fn explain(settings: &Settings, said: &str) -> (Option<String>, String) {
    let lesson = lesson(said);
    let named = |text: &str| {
        let named = settings.properties.iter().filter(|(name, _)| text.contains(name.as_str()));
        named.max_by_key(|(name, _)| name.len())
    };
    let found = named(said).or_else(|| named(lesson.unwrap_or_default()));
    let unreadable = found.and_then(|(name, path)| {
        // Somebody may have put the key itself where its path belongs.
        let is_path = name.ends_with(".location") && !path.contains("-----");
        let error = is_path.then(|| fs::read(path).err())??;
        Some(format!("{path}: the file can't be read: {error}; {}", lesson.unwrap_or("check the path")))
    });
    let message = unreadable.unwrap_or_else(|| lesson.unwrap_or(said).to_owned());
    (found.map(|(name, _)| name.clone()), message)
}

/// The remedy where librdkafka says this.
pub(crate) fn lesson(said: &str) -> Option<&'static str> {
    LESSONS.iter().find(|(part, _)| said.contains(part)).map(|(_, lesson)| *lesson)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use tempfile::TempDir;

    use super::*;
    use crate::{SettingsError, check};

    /// Files of a client that is sure of itself, and others.
    struct Files(TempDir);

    impl Files {
        fn new() -> Self {
            let files = Self(tempfile::tempdir().unwrap());
            for name in ["ours", "other"] {
                let CertifiedKey { cert, signing_key } =
                    generate_simple_self_signed([name.to_owned()]).unwrap();
                fs::write(files.path(&format!("{name}.pem")), cert.pem()).unwrap();
                fs::write(files.path(&format!("{name}.key")), signing_key.serialize_pem()).unwrap();
            }
            fs::write(files.path("text"), "nothing of the kind").unwrap();
            files
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// Settings over TLS; a value that begins with `/` is the path of one of these files.
        fn settings(&self, properties: &[(&str, &str)]) -> Settings {
            let mut settings = Settings::new("kafka", "127.0.0.1:1");
            let path = |file: &str| self.path(file).display().to_string();
            let value = |value: &str| value.strip_prefix('/').map_or_else(|| value.to_owned(), path);
            let owned = properties.iter().map(|(name, text)| ((*name).to_owned(), value(text)));
            settings.properties = owned.collect();
            settings.properties.entry("security.protocol".into()).or_insert_with(|| "ssl".into());
            settings
        }
    }

    type Properties = &'static [(&'static str, &'static str)];

    const CERTIFICATE: (&str, &str) = ("ssl.certificate.location", "/ours.pem");
    const MECHANISM: (&str, &str) = ("sasl.mechanism", "PLAIN");

    /// Properties that go each for itself and not together, which of them is told, and parts of what is.
    const FAULTS: [(Properties, &str, &[&str]); 15] = [
        (
            &[("ssl.ca.location", "/missing")],
            "ssl.ca.location",
            &["missing: the file can't be read: No such file", "authorities"],
        ),
        (&[("ssl.ca.location", "/text")], "ssl.ca.location", &["must be a file with the certificates"]),
        (
            &[("ssl.certificate.location", "/missing")],
            "ssl.certificate.location",
            &["can't be read", "the client's"],
        ),
        (
            &[("ssl.certificate.location", "/text")],
            "ssl.certificate.location",
            &["the client's certificate, in PEM"],
        ),
        (
            &[CERTIFICATE, ("ssl.key.location", "/missing")],
            "ssl.key.location",
            &["can't be read", "private key"],
        ),
        (
            &[CERTIFICATE, ("ssl.key.location", "/text")],
            "ssl.key.location",
            &["private key, in PEM", "ssl.key.password"],
        ),
        (
            &[CERTIFICATE, ("ssl.key.location", "/other.key")],
            "ssl.key.location",
            &["not the key of the certificate"],
        ),
        (&[("ssl.key.location", "/ours.key")], "ssl.key.location", &["set ssl.certificate.location"]),
        (&[CERTIFICATE], "ssl.certificate.location", &["set ssl.key.location"]),
        (&[("ssl.ca.pem", "text")], "ssl.ca.pem", &["BEGIN CERTIFICATE"]),
        (&[("ssl.cipher.suites", "none")], "ssl.cipher.suites", &["openssl ciphers"]),
        (
            &[("security.protocol", "sasl_ssl"), ("sasl.mechanism", "SCRAM")],
            "sasl.mechanism",
            &["PLAIN, SCRAM-SHA-256"],
        ),
        (
            &[("security.protocol", "sasl_ssl"), MECHANISM],
            "sasl.mechanism",
            &["sasl.username and sasl.password: set both"],
        ),
        (
            &[("security.protocol", "sasl_ssl"), ("sasl.mechanism", "OAUTHBEARER")],
            "sasl.mechanism",
            &["sasl.oauthbearer.method"],
        ),
        (
            &[("receive.message.max.bytes", "1000")],
            "receive.message.max.bytes",
            &["must be >= `fetch.max.bytes`"],
        ),
    ];

    #[test]
    fn what_no_client_can_be_made_of_is_told_with_the_property_and_what_would_be_right() {
        let files = Files::new();
        for (properties, at, parts) in FAULTS {
            let faults = check(&files.settings(properties));
            let [SettingsError::Together { property: Some(property), message }] = faults.as_slice() else {
                panic!("{properties:?}: {faults:?}");
            };
            assert_eq!(property, at, "{message}");
            for part in parts {
                assert!(message.contains(part), "{properties:?}: no {part:?} in {message:?}");
            }
            assert!(!message.contains("error:"), "in the words of OpenSSL: {message}");
        }
        let sound = files.settings(&[
            CERTIFICATE,
            ("ssl.key.location", "/ours.key"),
            ("ssl.ca.location", "/other.pem"),
        ]);
        assert!(check(&sound).is_empty());
    }

    #[test]
    fn a_key_in_place_of_its_path_is_not_repeated() {
        let files = Files::new();
        let key = fs::read_to_string(files.path("ours.key")).unwrap();
        let faults = check(&files.settings(&[CERTIFICATE, ("ssl.key.location", &key)]));
        assert!(!faults.is_empty() && !format!("{faults:?}").contains("BEGIN"), "{faults:?}");
    }
}
