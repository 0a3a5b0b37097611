use std::time::Instant;

use kalends_tests::{config, wait::PATIENCE, wait_until};

use crate::target::{Attacker, Target};

const CONNECTIONS: usize = 100;
const SLOW: &str = "kalends_http_refusals_total{reason=\"slow\"}";

fn begun(target: &Target, head: &str) -> Vec<(Attacker, &'static str)> {
    let mut attackers = target.connections(CONNECTIONS);
    for attacker in &mut attackers {
        attacker.send(format!("POST {} HTTP/1.1\r\nhost: localhost\r\n{head}", config::PATH)).unwrap();
    }
    let drop = if head.contains("chunked") { "1\r\nx\r\n" } else { "x" };
    attackers.into_iter().map(|attacker| (attacker, drop)).collect()
}

/// They never stop sending, so no silence gives them away.
#[test]
fn heads_and_bodies_that_drip_are_cut() {
    let target = Target::start("header_timeout: 2s, body_timeout: 2s", 1_000);
    let mut attackers = begun(&target, "x-endless: ");
    attackers.extend(begun(&target, "content-length: 1000000\r\n\r\n"));
    attackers.extend(begun(&target, "transfer-encoding: chunked\r\n\r\n"));
    wait_until("everybody to be cut", PATIENCE, || {
        for (attacker, drop) in &mut attackers {
            // What is cut can't be sent to any more.
            attacker.send(*drop).ok();
        }
        let cut = target.daemon.metrics()?.value(SLOW).unwrap_or_default();
        anyhow::ensure!(cut >= 300.0, "{cut} were cut");
        Ok(Some(()))
    })
    .unwrap();
    let metrics = target.daemon.metrics().unwrap();
    assert_eq!(metrics.value(SLOW), Some(300.0));
    assert_eq!(metrics.value("kalends_http_requests_total{code=\"408\"}"), Some(300.0));
    target.assert_unharmed();
}

/// Answers that nobody reads fill the connection; then nothing more is read from it.
#[test]
fn whoever_asks_on_and_on_and_never_listens_is_not_served_on_and_on() {
    let target = Target::start("idle_timeout: 2s", 1_000);
    let request = "GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1000);
    std::thread::scope(|scope| {
        for mut attacker in target.connections(8) {
            let request = &request;
            scope.spawn(move || {
                let begun = Instant::now();
                while attacker.send(request).is_ok() {
                    assert!(begun.elapsed() < PATIENCE, "it is still listened to");
                }
                assert!(begun.elapsed() < PATIENCE, "it was never closed, only not listened to");
            });
        }
    });
    target.assert_unharmed();
}
