use super::{fails, load_text};

const HEAD: &str = "endpoints: { main: {} }\nsinks: { files: { kind: files } }\ntelemetry:\n  otlp: ";

#[test]
fn an_export_of_traces_needs_an_endpoint_and_nothing_else() {
    let settings = load_text(&format!("{HEAD}{{ endpoint: 'http://localhost:4318' }}\n"), &[]).unwrap();
    let exporter = settings.telemetry.otlp.unwrap().exporter("i").unwrap();
    assert_eq!(exporter.endpoint, "http://localhost:4318");
    assert!((exporter.sample - 1.0).abs() < f64::EPSILON);
    assert_eq!(exporter.queue, 8192);
    assert!(exporter.resource.contains(&("service.name".to_owned(), "kalends".to_owned())));
}

#[test]
fn everything_about_an_export_can_come_from_variables_and_no_secret_is_printed() {
    let at = "KALENDS__TELEMETRY__OTLP__";
    let names = ["ENDPOINT", "SAMPLE", "QUEUE", "TIMEOUT", "SERVICE_NAME", "HEADERS__X_API_KEY__ENV"]
        .map(|key| format!("{at}{key}"));
    let values = ["https://a", "0.25", "16", "3s", "crm", "API_KEY"];
    let mut env: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values).collect();
    env.push(("API_KEY", "hunter2"));
    let settings = load_text("endpoints: { main: {} }\nsinks: { files: { kind: files } }\n", &env).unwrap();
    let exporter = settings.telemetry.otlp.as_ref().unwrap().exporter("i").unwrap();
    assert_eq!((exporter.endpoint.as_str(), exporter.queue), ("https://a", 16));
    assert!((exporter.sample - 0.25).abs() < f64::EPSILON);
    assert_eq!(exporter.headers, [("x-api-key".to_owned(), "hunter2".to_owned())]);
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn faults_of_an_export_are_told_where_they_stand_without_a_secret() {
    let cases: &[(&str, &[&str])] = &[
        (
            "{ endpoint: 'localhost:4318', sample: 2, queue: 0 }",
            &[
                "4:11: telemetry.otlp.endpoint: an address begins with http:// or https://; write one such as http://localhost:4318",
                "4:39: telemetry.otlp.sample: this is a share; write a number from 0 to 1, such as 0.1",
                "4:50: telemetry.otlp.queue: write a number of spans from 1 to 1048576",
            ],
        ),
        (
            "{ endpoint: 'http://u:hunter2@a' }",
            &[
                "4:11: telemetry.otlp.endpoint: credentials are never written in an address; leave them out, and set a header",
            ],
        ),
        (
            "{ endpoint: 'http://a', headers: { Authorization: Bearer hunter2, host: b, x: { env: NONE } } }",
            &[
                "4:44: telemetry.otlp.headers.Authorization: a secret is never written in the configuration; write { env: NAME } or { file: PATH }",
                "4:75: telemetry.otlp.headers.host: this header is kalends' own; leave it out",
                "4:84: telemetry.otlp.headers.x: environment variable NONE is not set; set it to the secret",
            ],
        ),
        (
            "{ endpoint: 'http://a', tls: { certificate: c } }",
            &["4:33: telemetry.otlp.tls.key: certificate needs one; add `key: { file: PATH }`"],
        ),
        (
            "{ endpont: 'http://a' }",
            &[
                "4:3: telemetry.otlp: the key `endpoint` is missing; add it",
                "4:11: telemetry.otlp.endpont: unknown key `endpont`; did you mean `endpoint`?",
            ],
        ),
    ];
    for (otlp, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|line| format!("k.yaml:{line}")).collect();
        fails(&format!("{HEAD}{otlp}\n"), &[], &expected.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(!expected.concat().contains("hunter2"));
    }
}
