//! Reasons why librdkafka doesn't take a property or its value, in words that say what it would take.

use rdkafka::{ClientConfig, error::KafkaError};

/// Properties of Java's clients that librdkafka calls otherwise, and what to set instead.
const JAVA: [(&str, &str); 8] = [
    ("buffer.memory", "queue.buffering.max.kbytes"),
    ("max.request.size", "message.max.bytes"),
    ("sasl.jaas.config", "sasl.username and sasl.password"),
    ("ssl.keystore.certificate.chain", "ssl.certificate.location"),
    ("ssl.keystore.key", "ssl.key.location"),
    (
        "ssl.keystore.type",
        "ssl.keystore.location for PKCS#12, ssl.certificate.location and ssl.key.location for PEM",
    ),
    ("ssl.truststore.certificates", "ssl.ca.location"),
    ("ssl.truststore.location", "ssl.ca.location (a file in PEM)"),
];

/// Words that one property or another takes. Which are whose, librdkafka is asked.
const WORDS: &str = "true false none gzip snappy lz4 zstd plaintext ssl sasl_plaintext sasl_ssl https any v4 v6 \
    use_all_dns_ips resolve_canonical_bootstrap_servers_only default oidc client_credentials RS256 ES256 \
    rebootstrap classic consumer all generic broker topic metadata feature queue msg protocol cgrp \
    security fetch interceptor plugin admin eos mock assignor conf telemetry file";

/// The fault of a property that librdkafka refuses. Never the value, which may be a secret: its own words quote it.
pub(crate) fn explain(property: &str, error: &KafkaError) -> String {
    if let Some((_, instead)) = JAVA.iter().find(|(name, _)| *name == property) {
        return format!("this is a property of Java's clients; set {instead} instead");
    }
    match error {
        KafkaError::ClientConfig(_, said, ..) if said.starts_with("No such") => match nearest(property) {
            Some(meant) => format!("librdkafka has no such property; did you mean `{meant}`?"),
            None => "librdkafka has no such property; its CONFIGURATION.md lists all".to_owned(),
        },
        _ => match takes(property) {
            Some(what) => format!("librdkafka doesn't take this value; write {what}"),
            None => "librdkafka doesn't take this value; its CONFIGURATION.md lists what it takes".to_owned(),
        },
    }
}

/// Librdkafka's words about a value; `None` when it takes it.
fn refusal(property: &str, value: &str) -> Option<String> {
    match ClientConfig::new().set(property, value).create_native_config() {
        Err(KafkaError::ClientConfig(_, said, ..)) => Some(said),
        _ => None,
    }
}

/// The range or the words that a property takes; `None` where librdkafka tells neither.
fn takes(property: &str) -> Option<String> {
    if let Some((least, most)) = refusal(property, "-2147483648").as_deref().and_then(range) {
        return Some(format!("a number from {least} to {most}"));
    }
    // What takes any word is no matter of words.
    refusal(property, "kalends")?;
    let words = WORDS.split(' ').filter(|word| refusal(property, word).is_none()).collect::<Vec<_>>();
    (!words.is_empty()).then(|| format!("one of {}", words.join(", ")))
}

fn range(said: &str) -> Option<(&str, &str)> {
    said.split_once("allowed range ")?.1.trim().split_once("..")
}

/// The property of which `name` is one slip away: a letter too many or too few, another one, or two in the wrong order.
fn nearest(name: &str) -> Option<String> {
    let known = ClientConfig::new().create_native_config().ok()?;
    let mut slips = (0..=name.len()).filter_map(|at| name.split_at_checked(at)).flat_map(slips);
    slips.find(|name| known.get(name).is_ok())
}

fn slips((head, tail): (&str, &str)) -> Vec<String> {
    let behind = |count: usize| tail.get(count..).unwrap_or_default();
    let mut slips = vec![format!("{head}{}", behind(1))];
    if let (Some(first), Some(second)) = (tail.get(..1), tail.get(1..2)) {
        slips.push(format!("{head}{second}{first}{}", behind(2)));
    }
    for letter in ('a'..='z').chain(['.']) {
        slips.extend([format!("{head}{letter}{}", behind(1)), format!("{head}{letter}{tail}")]);
    }
    slips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_property_takes_is_told() {
        for (property, what) in [
            ("compression.type", "one of none, gzip, snappy, lz4, zstd"),
            ("security.protocol", "one of plaintext, ssl, sasl_plaintext, sasl_ssl"),
            ("enable.ssl.certificate.verification", "one of true, false"),
            ("linger.ms", "a number from 0 to 900000"),
            ("message.max.bytes", "a number from 1000 to 1000000000"),
        ] {
            assert_eq!(takes(property).as_deref(), Some(what), "{property}");
        }
        assert_eq!(takes("sasl.mechanisms"), None, "any text");
    }

    #[test]
    fn a_property_that_was_meant_is_found() {
        for name in ["compresion.type", "compressionn.type", "compressoin.type", "compression_type"] {
            assert_eq!(nearest(name).as_deref(), Some("compression.type"), "{name}");
        }
        assert_eq!(nearest("dogstatsd"), None);
        assert_eq!(nearest("é.ü"), None);
    }
}
