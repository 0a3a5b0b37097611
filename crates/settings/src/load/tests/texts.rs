//! A text is the text that was written, whatever YAML takes it for.

use super::{fails, kafka, load_text};

const SINK: &str = "endpoints: { main: {} }\nsinks:\n  k:\n    kind: kafka\n";

#[test]
fn text_that_looks_like_a_number_or_a_truth_stays_as_written() {
    let yaml = format!(
        "{SINK}    transactional_id_prefix: no\n    topics: {{ prefix: 1.10 }}\n    properties:\n      sasl.username: 0012\n      \
         client.rack: 0x1F\n      ssl.key.location: 123456789012345678901234567890\n      sasl.kerberos.keytab: 1_000\n\
         telemetry: {{ otlp: {{ endpoint: 'http://a', attributes: {{ country: NO, version: 1e3, id: 00 }} }} }}\n"
    );
    let settings = load_text(&yaml, &[]).unwrap();
    let kafka = kafka(&settings, "k");
    assert_eq!(kafka.transactional_id_prefix, "no");
    assert_eq!(kafka.topics.prefix, "1.10");
    for (property, written) in [
        ("sasl.username", "0012"),
        ("client.rack", "0x1F"),
        ("ssl.key.location", "123456789012345678901234567890"),
        ("sasl.kerberos.keytab", "1_000"),
    ] {
        assert_eq!(kafka.properties[property].expose(), written, "{property}");
    }
    let attributes = settings.telemetry.otlp.unwrap().attributes;
    assert_eq!(attributes.into_values().collect::<Vec<_>>(), ["NO", "00", "1e3"]);
}

#[test]
fn text_of_a_variable_stays_as_written() {
    let env = [
        ("KALENDS__SINKS__K__TRANSACTIONAL_ID_PREFIX", "no"),
        ("KALENDS__SINKS__K__TOPICS__PREFIX", "1.10"),
        ("KALENDS__SINKS__K__PROPERTIES__SASL_USERNAME", "0012"),
    ];
    let settings = load_text(SINK, &env).unwrap();
    let kafka = kafka(&settings, "k");
    assert_eq!((kafka.transactional_id_prefix.as_str(), kafka.topics.prefix.as_str()), ("no", "1.10"));
    assert_eq!(kafka.properties["sasl.username"].expose(), "0012");
}

#[test]
fn number_or_truth_where_a_secret_belongs_is_not_repeated() {
    for written in ["12345e678901234", "1234567890123456789012345678901234567890", "0x1F", "1.5", "yes"] {
        let yaml =
            format!("sinks: {{ k: {{ kind: kafka }} }}\nendpoints: {{ main: {{ tokens: [{written}] }} }}\n");
        let expected = "k.yaml:2:31: endpoints.main.tokens[0]: a secret is never written in the configuration; write { env: NAME } or \
                        { file: PATH }";
        fails(&yaml, &[], &[expected]);
    }
}

#[test]
fn byte_order_mark_is_no_part_of_a_configuration_or_a_secret() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "\u{feff}hunter2\r\n").unwrap();
    let yaml = format!(
        "\u{feff}sinks: {{ k: {{ kind: kafka, transactional_id_prefix: 0012 }} }}\n\
         endpoints: {{ main: {{ tokens: [{{ file: {} }}] }} }}\n",
        file.display()
    );
    let settings = load_text(&yaml, &[]).unwrap();
    assert_eq!(settings.endpoints["main"].tokens[0].expose(), "hunter2");
    let kafka = kafka(&settings, "k");
    assert_eq!(kafka.transactional_id_prefix, "0012");
}
