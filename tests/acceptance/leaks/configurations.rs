/// Overrides from the environment with a secret where none may stand.
pub(crate) const VARIABLES: [(&str, &str); 3] = [
    ("KALENDS__ENDPOINTS__MAIN__TOKENS__0", "zq7planted-override"),
    ("KALENDS__SINKS__K__SCHEMA_REGISTRY__PASSWORD", "zq7planted-override"),
    ("KALENDS__SINKS__K__PROPERTIES__SASL_PASSWORD", "zq7planted-override"),
];

const HEAD: &str = "listen: { address: 127.0.0.1:0 }\nadmin: { address: 127.0.0.1:0 }\n";

/// Configurations that are refused, with a secret where somebody would put one by mistake.
pub(crate) fn wrong() -> Vec<String> {
    let endpoint =
        |keys: &str| format!("endpoints: {{ main: {{ {keys} }} }}\nsinks: {{ files: {{ kind: files }} }}\n");
    let sink =
        |keys: &str| format!("endpoints: {{ main: {{}} }}\nsinks:\n  k:\n    kind: kafka\n    {keys}\n");
    let telemetry = |keys: &str| {
        format!(
            "endpoints: {{ main: {{}} }}\nsinks: {{ files: {{ kind: files }} }}\ntelemetry: {{ otlp: {{ {keys} }} }}\n"
        )
    };
    let all = [
        endpoint("tokens: [zq7planted]"),
        endpoint("tokens: zq7planted"),
        endpoint("tokens: [{ env: NONE, zq7planted: a }]"),
        endpoint("tokens: [{ value: zq7planted }]"),
        endpoint("tokens: [{ zq7planted: a }]"),
        endpoint("token: zq7planted"),
        endpoint("tokens: [\"zq7planted"),
        endpoint("tokens: [zq7planted, \"a: b: c"),
        endpoint("tokens: [[zq7planted]]"),
        endpoint("tokens: [!zq7planted zq7planted]"),
        endpoint("tokens: [*zq7planted]"),
        endpoint("path: 'zq7planted'"),
        endpoint("path: { file: ./short }, tokens: [{ file: ./short }]"),
        sink("properties: { sasl.password: zq7planted }"),
        sink("properties: { sasl.pasword: zq7planted }"),
        sink(
            "properties: { sasl.username: zq7planted, sasl.mechanism: PLAIN, security.protocol: zq7planted }",
        ),
        sink("properties: { ssl.key.pem: zq7planted }"),
        sink("properties: { sasl.oauthbearer.client.secret: zq7planted }"),
        sink("properties: { sasl.jaas.config: 'x password=\"zq7planted\";' }"),
        sink("properties: { sasl.oauthbearer.config: zq7planted }"),
        sink("properties: { ssl.key.pem: { file: ./secret } }"),
        sink("properties: { linger.ms: { file: ./secret } }"),
        sink("properties: [zq7planted]"),
        sink("brokers: 'user:zq7planted@broker:9092'"),
        sink("brokers: [zq7planted]"),
        sink("schema_registry: { url: 'http://u:zq7planted@a' }"),
        sink("schema_registry: { url: 'http://a', username: u, password: zq7planted }"),
        sink("schema_registry: { url: 'http://a', token: zq7planted }"),
        sink("schema_registry: { url: 'http://a?apikey=zq7planted' }"),
        sink("schema_registry: { url: 'https://a', tls: { certificate: ./token, key: { file: ./secret } } }"),
        sink("schema_registry: { url: 'https://a', tls: { certificate: ./token, key: zq7planted } }"),
        sink("privacy: { key: zq7planted }"),
        telemetry("endpoint: 'http://u:zq7planted@a'"),
        telemetry("endpoint: 'http://a?key=zq7planted'"),
        telemetry("endpoint: 'http://a', headers: { authorization: zq7planted }"),
        telemetry("endpoint: 'http://a', headers: { x-zq7planted-key: zq7planted }")
            .replace("x-zq7planted-key", "x-api-key"),
        telemetry("endpoint: 'http://a', headers: zq7planted"),
        format!("{HEAD}listen: {{ tls: {{ certificate: ./token, key: {{ file: ./secret }} }} }}\n"),
        "listen: { tls: { certificate: ./token, key: zq7planted } }\n".to_owned(),
        "listen: { tls: { certificate: ./token, key: { file: ./secret } } }\n".to_owned(),
    ];
    all.to_vec()
}
