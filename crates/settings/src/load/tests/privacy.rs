use kalends_delivery::privacy::Treatment;

use super::{fails, load_text};
use kalends_value::Secret;

use crate::{Consent, Privacy};

#[test]
fn a_sink_has_its_own_rules_about_personal_data() {
    let yaml = "endpoints: { main: {} }\nsinks:\n  files:\n    kind: files\n    privacy:\n      classes: { email: hash, ip_address: truncate }\n      \
        fields: { user_agent: drop }\n      keep_extra_fields: [/a]\n      key: { env: KEY }\n      consent: marketing\n  open: { kind: kafka, privacy: { consent: off } }\n";
    let env = [
        ("KEY", "hunter2"),
        ("KALENDS__SINKS__FILES__PRIVACY__CLASSES__POST_CODE", "drop"),
        ("KALENDS__SINKS__FILES__PRIVACY__KEEP_EXTRA_FIELDS", "/a, /b"),
    ];
    let settings = load_text(yaml, &env).unwrap();
    let privacy = &settings.sinks["files"].common.privacy;
    assert_eq!(privacy.classes.email.0, Treatment::Hash);
    assert_eq!(privacy.classes.ip_address.0, Treatment::Truncate);
    assert_eq!(
        (privacy.classes.post_code.0, privacy.classes.free_text.0),
        (Treatment::Drop, Treatment::Keep)
    );
    assert_eq!(privacy.fields["user_agent"].0, Treatment::Drop);
    assert_eq!(privacy.keep_extra_fields, ["/a", "/b"]);
    assert_eq!(privacy.key.as_ref().map(Secret::expose), Some("hunter2"));
    assert_eq!(privacy.consent, Consent::Marketing);
    assert_eq!(settings.sinks["open"].common.privacy, Privacy::default());
    assert!(!format!("{settings:?} {:?}", privacy.rules()).contains("hunter"));
}

#[test]
fn faults_of_rules_about_personal_data_are_told() {
    let head = "endpoints: { main: {} }\nsinks:\n  f:\n    kind: files\n    privacy: { ";
    let cases: &[(&str, &str)] = &[
        (
            "classes: { emial: drop }",
            "k.yaml:5:27: sinks.f.privacy.classes.emial: unknown key `emial`; did you mean `email`?",
        ),
        (
            "classes: { email: remove }",
            "k.yaml:5:27: sinks.f.privacy.classes.email: unknown word `remove`; known here: keep, drop, hash, truncate",
        ),
        (
            "classes: { email: hash }",
            "k.yaml:5:5: sinks.f.privacy.key: hash needs a key; write { file: PATH } or { env: NAME }",
        ),
        (
            "classes: { email: truncate }",
            "k.yaml:5:27: sinks.f.privacy.classes.email: only IP addresses can be truncated; write drop, hash or keep",
        ),
        ("classes: [drop]", "k.yaml:5:16: sinks.f.privacy.classes: expected a map of keys, found a list"),
        (
            "fields: { email_adress: drop }",
            "k.yaml:5:26: sinks.f.privacy.fields.email_adress: unknown field `email_adress`; did you mean `email_address`?",
        ),
        (
            "fields: { event_id: drop }",
            "k.yaml:5:26: sinks.f.privacy.fields.event_id: records are keyed and named by `event_id`, so that only keep is possible",
        ),
        (
            "keep_extra_fields: [theme]",
            "k.yaml:5:36: sinks.f.privacy.keep_extra_fields[0]: this is no JSON Pointer as `extra_fields` has them, such as \
             /eventDetails/subscription/theme",
        ),
        (
            "classes: { email: hash }, key: { env: UNSET }",
            "k.yaml:5:42: sinks.f.privacy.key: environment variable UNSET is not set; set it to the secret",
        ),
        (
            "classes: { email: hash }, key: hunter2",
            "k.yaml:5:42: sinks.f.privacy.key: a secret is never written in the configuration; write { env: NAME } or { file: PATH }",
        ),
        (
            "consent: email",
            "k.yaml:5:16: sinks.f.privacy.consent: unknown word `email`; known here: off, marketing",
        ),
    ];
    for (yaml, expected) in cases {
        fails(&format!("{head}{yaml} }}\n"), &[], &[expected]);
    }
}
