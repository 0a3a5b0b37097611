//! Clusters that want to know who comes, and what he may do.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    sync::OnceLock,
    thread,
};

use kalends_sink::{Failure, Sink as _};
use kalends_sink_kafka::{Settings, preflight};
use kalends_tests::kafka::Broker;

use crate::fixture::{Fixture, context, record, sink};

/// The broker of this file's tests; `None` where there is no Kafka.
fn secure_broker() -> Option<&'static Broker> {
    static BROKER: OnceLock<Option<Broker>> = OnceLock::new();
    BROKER.get_or_init(|| Broker::start_secure("kafka-secure").unwrap()).as_ref()
}

fn set(settings: &mut Settings, properties: &[(&str, &str)]) {
    let owned = properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings.properties.extend(owned);
}

fn path(broker: &Broker, name: &str) -> String {
    broker.left(name).unwrap().display().to_string()
}

/// Over TLS, with this mechanism and these properties for it.
fn with_sasl(fixture: &Fixture<'_>, mechanism: &str, properties: &[(&str, &str)]) -> Settings {
    let mut settings = fixture.settings();
    settings.brokers = fixture.broker.listener("sasl").unwrap();
    let authority = path(fixture.broker, "tls/ca.pem");
    set(
        &mut settings,
        &[("security.protocol", "sasl_ssl"), ("sasl.mechanism", mechanism), ("ssl.ca.location", &authority)],
    );
    set(&mut settings, properties);
    settings
}

fn as_user(fixture: &Fixture<'_>, mechanism: &str, user: &str, password: &str) -> Settings {
    with_sasl(fixture, mechanism, &[("sasl.username", user), ("sasl.password", password)])
}

fn with_certificate(fixture: &Fixture<'_>) -> Settings {
    let (certificate, key) = (path(fixture.broker, "tls/client.pem"), path(fixture.broker, "tls/client.key"));
    let mut settings = with_authority(fixture, "tls/ca.pem");
    set(&mut settings, &[("ssl.certificate.location", &certificate), ("ssl.key.location", &key)]);
    settings
}

fn with_authority(fixture: &Fixture<'_>, authority: &str) -> Settings {
    let mut settings = fixture.settings();
    settings.brokers = fixture.broker.listener("mutual").unwrap();
    let authority = path(fixture.broker, authority);
    set(&mut settings, &[("security.protocol", "ssl"), ("ssl.ca.location", &authority)]);
    settings
}

fn assert_delivers(fixture: &Fixture<'_>, settings: Settings) {
    let before = fixture.datums(0).len();
    let mut sink = sink(settings);
    fixture.connect(&mut sink);
    sink.write(&[record(1, 0, "k", "datum")]).unwrap();
    sink.commit(fixture.checkpoint(1)).unwrap();
    assert_eq!(fixture.datums(0).len(), before + 1);
}

/// What the first attempt to connect says, which must be a hold.
fn hold(fixture: &Fixture<'_>, settings: Settings) -> String {
    match sink(settings).connect(fixture.journal, &fixture.streams) {
        Err(Failure::Hold { message }) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_way_of_saying_who_one_is_is_accepted() {
    let Some(broker) = secure_broker() else { return };
    let fixture = Fixture::new(broker, "accepted");
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        assert_delivers(&fixture, as_user(&fixture, mechanism, "kalends", "kalends-secret"));
    }
    assert_delivers(&fixture, with_certificate(&fixture));
    let unsecured =
        [("enable.sasl.oauthbearer.unsecure.jwt", "true"), ("sasl.oauthbearer.config", "principal=kalends")];
    assert_delivers(&fixture, with_sasl(&fixture, "OAUTHBEARER", &unsecured));
}

/// A token endpoint (OIDC) that gives everybody the same token: unsecured, for the subject `kalends`.
fn token_endpoint() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    // {"alg":"none"} . {"sub":"kalends","iat":1700000000,"exp":4100000000} . nothing
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJrYWxlbmRzIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjQxMDAwMDAwMDB9.";
    let body = format!("{{\"access_token\":\"{token}\",\"token_type\":\"bearer\",\"expires_in\":3600}}");
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
            while !String::from_utf8_lossy(&request).contains("grant_type") {
                match stream.read(&mut buffer) {
                    Ok(bytes) if bytes > 0 => request.extend_from_slice(&buffer[..bytes]),
                    _ => break,
                }
            }
            // A client that has gone away comes again.
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    url
}

#[test]
fn a_token_of_an_openid_connect_provider_is_fetched_and_accepted() {
    let Some(broker) = secure_broker() else { return };
    let fixture = Fixture::new(broker, "oidc");
    let url = token_endpoint();
    let oidc = [
        ("sasl.oauthbearer.method", "oidc"),
        ("sasl.oauthbearer.client.id", "kalends"),
        ("sasl.oauthbearer.client.secret", "secret"),
        ("sasl.oauthbearer.token.endpoint.url", &url),
    ];
    assert_delivers(&fixture, with_sasl(&fixture, "OAUTHBEARER", &oidc));
}

#[test]
fn a_wrong_password_is_a_hold_that_says_what_to_check_and_never_the_password() {
    let Some(broker) = secure_broker() else { return };
    let fixture = Fixture::new(broker, "password");
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let message = hold(&fixture, as_user(&fixture, mechanism, "kalends", "hunter2"));
        assert!(message.contains("sasl.password") && !message.contains("hunter2"), "{mechanism}: {message}");
    }
}

#[test]
fn a_mechanism_or_certificate_that_the_cluster_refuses_is_a_hold_that_says_what_to_check() {
    let Some(broker) = secure_broker() else { return };
    let fixture = Fixture::new(broker, "certificates");
    let message = hold(&fixture, with_authority(&fixture, "tls/stranger.pem"));
    assert!(message.contains("ssl.ca.location"), "{message}");
    let message = hold(&fixture, with_authority(&fixture, "tls/ca.pem"));
    assert!(message.contains("ssl.certificate.location"), "{message}");
}

#[test]
fn a_missing_right_is_a_hold_that_names_what_to_grant() {
    let Some(broker) = secure_broker() else { return };
    let fixture = Fixture::new(broker, "denied.write");
    broker.create_topic("denied.write.0", &[]).unwrap();
    broker.create_topic("denied.write.1", &[]).unwrap();
    let limited = || as_user(&fixture, "SCRAM-SHA-256", "limited", "limited-secret");
    let mut sink = sink(limited());
    fixture.connect(&mut sink);
    let written = sink.write(&[record(1, 0, "k", "d")]).and_then(|()| sink.commit(fixture.checkpoint(1)));
    let Err(Failure::Hold { message }) = written else { panic!("{written:?}") };
    assert!(message.contains("denied.write.0") && message.contains("grant this user"), "{message}");

    let mut settings = limited();
    settings.transactional_id_prefix = "denied-".into();
    let message = hold(&fixture, settings);
    assert!(message.contains("transactional_id_prefix") && message.contains("grant"), "{message}");

    let uncreated = Fixture::new(broker, "denied.create");
    let message = hold(&uncreated, as_user(&uncreated, "PLAIN", "limited", "limited-secret"));
    assert!(message.contains("denied.create.0") && message.contains("grant"), "{message}");
}

#[test]
fn everything_that_a_user_may_not_do_is_found_out_at_once_and_without_a_record() {
    let Some(broker) = secure_broker() else { return };
    let fixture = Fixture::new(broker, "denied.examine");
    broker.create_topic("denied.examine.0", &[]).unwrap();
    let mut settings = as_user(&fixture, "SCRAM-SHA-512", "limited", "limited-secret");
    settings.transactional_id_prefix = "denied-".into();
    let found = preflight(&settings, &fixture.streams, context(1000));
    let all = found.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("\n");
    for part in ["denied.examine.1", "creating failed", "denied-check-kafka", "transactional_id_prefix"] {
        assert!(all.contains(part), "no {part} in {all}");
    }
    assert!(found.problems.iter().all(|problem| !problem.unreachable), "{all}");
    // Without DescribeConfigs it can't be tried whether the topic may be written.
    assert!(found.notes.iter().any(|note| note.contains("denied.examine.0")), "{:?}", found.notes);
    assert_eq!(fixture.datums(0), [""; 0]);
    assert!(!broker.has_topic("denied.examine.1").unwrap(), "an examination creates nothing");
}

#[test]
fn a_user_who_may_do_everything_is_found_ready() {
    let Some(broker) = secure_broker() else { return };
    let fixture = Fixture::new(broker, "ready");
    assert_delivers(&fixture, as_user(&fixture, "PLAIN", "kalends", "kalends-secret"));
    let found =
        preflight(&as_user(&fixture, "PLAIN", "kalends", "kalends-secret"), &fixture.streams, context(1000));
    assert!(found.problems.is_empty() && found.notes.is_empty(), "{found:?}");
    assert_eq!(broker.written(fixture.topic(1)).unwrap(), 0, "not even a record that was given up");
}
