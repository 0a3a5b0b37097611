use crate::target::{GUARDED, Target, request};

const REQUESTS: usize = 100_000;
const CONNECTIONS: usize = 4;
/// Requests that are sent before their answers are read.
const AT_ONCE: usize = 50;

/// Largest log that a flood may leave behind.
const MOST_LOG_BYTES: usize = 1 << 20;

#[test]
fn a_hundred_thousand_requests_without_a_credential_disturb_nobody() {
    let target = Target::start("max_body: 1MiB", 2_000);
    let body = r#"{"eventId":"stranger","eventType":"Subscribe"}"#;
    let with_wrong_token = format!("{GUARDED}?token=wrong");
    let batch: String =
        (0..AT_ONCE / 2).flat_map(|_| [request(GUARDED, body), request(&with_wrong_token, body)]).collect();
    std::thread::scope(|scope| {
        for mut attacker in target.connections(CONNECTIONS) {
            let batch = &batch;
            scope.spawn(move || {
                let mut sent = 0;
                while sent < REQUESTS / CONNECTIONS {
                    attacker.send(batch).unwrap();
                    attacker.expect_unauthorised(AT_ONCE);
                    sent += AT_ONCE;
                }
            });
        }
    });
    let metrics = target.daemon.metrics().unwrap();
    let refused =
        [401, 429].map(|code| metrics.value(&format!("kalends_http_requests_total{{code=\"{code}\"}}")));
    let [Some(unauthorised), Some(too_many)] = refused else { panic!("{refused:?}") };
    assert!(unauthorised >= 1.0 && too_many >= 1.0, "{refused:?}");
    assert!((unauthorised + too_many - 100_000.0).abs() < 0.5, "{refused:?}");
    let log = target.daemon.log().unwrap();
    assert!(log.len() <= MOST_LOG_BYTES, "{} bytes of log", log.len());
    target.assert_unharmed();
}
