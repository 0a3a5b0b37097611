//! Faults of a sink of kind `http`, in the configuration's words.

use kalends_sink_http::Http;

use super::load_kinds;

/// The problems of a sink with these keys, without the name of the file and the line.
fn problems(keys: &str) -> Vec<String> {
    let yaml = format!(
        "endpoints: {{ main: {{}} }}\nsinks:\n  crm:\n    {{ kind: http, url: https://crm.example, {keys} }}\n"
    );
    let token = [("TOKEN", "abc\u{e9}\nx")];
    let problems = load_kinds(&yaml, &token, &[&Http]).expect_err(keys);
    problems.lines().map(|line| line.strip_prefix("k.yaml:4:").unwrap().to_owned()).collect()
}

#[test]
fn every_fault_of_an_http_sink_has_its_place_and_its_remedy() {
    let cases: [(&str, &[&str]); 9] = [
        ("preset: brase", &["45: sinks.crm.preset: unknown preset `brase`; did you mean `braze`?"]),
        ("preset: none, in_flight: 0", &["59: sinks.crm.in_flight: write a number from 1 to 64"]),
        (
            "preset: none, map: { a: email_adress }",
            &["66: sinks.crm.map.a: unknown field `email_adress`; did you mean `email_address`?"],
        ),
        (
            "preset: none, map: { a: email_address, /a: calendar_title }",
            &[
                "66: sinks.crm.map.a: another name leads to the same place; leave one",
                "84: sinks.crm.map./a: another name leads to the same place; leave one",
            ],
        ),
        (
            "preset: none, map: { a: email_address, /a/b: calendar_title }",
            &["84: sinks.crm.map./a/b: `a` has a value already, so nothing can stand under it"],
        ),
        (
            "preset: none, events: { subscribe: x, SUBSCRIBE: y }",
            &["69: sinks.crm.events.subscribe: `Subscribe` is named already; leave one"],
        ),
        (
            "preset: none, events: { Subscripe: x }",
            &["69: sinks.crm.events.Subscripe: unknown event type `Subscripe`; did you mean `Subscribe`?"],
        ),
        (
            "preset: none, tls: { ca: /nonexistent.pem }",
            &[
                "59: sinks.crm.tls: tls.ca: /nonexistent.pem: the file can't be read: No such file or directory (os error 2)",
            ],
        ),
        (
            "preset: none, token: { env: TOKEN }",
            &[
                "59: sinks.crm.token: the token has a character that no header can have, such as an end of a line or an accent; write the token alone",
            ],
        ),
    ];
    for (keys, told) in cases {
        assert_eq!(problems(keys), told, "{keys}");
    }
}
