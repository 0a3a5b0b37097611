use kalends_tests::{config, event};

use crate::target::{Attacker, Target, request};

fn chunked(target: &Target) -> Attacker {
    let mut attacker = target.connect();
    let head = "HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    attacker.send(format!("POST {} {head}", config::PATH)).unwrap();
    attacker
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[test]
fn heads_without_end_get_431() {
    let target = Target::start("max_body: 1MiB", 1_000);
    for mut attacker in target.connections(300) {
        // It may be refused before all of it is sent.
        attacker.send(format!("POST / HTTP/1.1\r\nx-long: {}\r\n\r\n", "x".repeat(1 << 20))).ok();
        assert_eq!(status(&attacker.read_head()), "431");
    }
    target.wait_for("kalends_http_malformed_total", 300.0);
    target.assert_unharmed();
}

#[test]
fn bodies_without_end_get_413() {
    let target = Target::start("max_body: 1MiB", 1_000);
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let mut attackers: Vec<_> = (0..30).map(|_| chunked(&target)).collect();
    for _ in 0..64 {
        for attacker in &mut attackers {
            attacker.send(&chunk).ok();
        }
    }
    for attacker in &mut attackers {
        assert_eq!(status(&attacker.read_head()), "413");
    }
    target.wait_for("kalends_http_refusals_total{reason=\"too-large\"}", 30.0);
    target.assert_unharmed();
}

#[test]
fn a_body_in_chunks_of_one_byte_is_a_body() {
    let target = Target::start("max_body: 1MiB", 500);
    let mut attackers: Vec<_> = (0..20).map(|_| chunked(&target)).collect();
    let body: String = event::webhook("bytewise", 1)
        .chars()
        .flat_map(|c| ["1\r\n".to_owned(), c.to_string(), "\r\n".to_owned()])
        .collect();
    for attacker in &mut attackers {
        attacker.send(format!("{body}0\r\n\r\n")).unwrap();
    }
    for attacker in &mut attackers {
        assert_eq!(status(&attacker.read_head()), "200");
    }
    target.wait_for("kalends_duplicates_total", 19.0);
    target.assert_unharmed();
}

#[test]
fn a_client_that_has_closed_its_sending_half_is_answered() {
    let target = Target::start("max_body: 1MiB", 500);
    let whole = request(config::PATH, &event::webhook("half-closed", 1));
    for mut attacker in target.connections(50) {
        attacker.send(&whole).unwrap();
        attacker.close_sending_half();
        assert_eq!(status(&attacker.read_to_end()), "200");
    }
    for mut attacker in target.connections(50) {
        attacker.send(&whole[..whole.len() - 1]).unwrap();
        attacker.close_sending_half();
        let said = attacker.read_to_end();
        assert!(said.is_empty() || status(&said) == "400", "{said}");
    }
    target.wait_for("kalends_http_refusals_total{reason=\"broken-body\"}", 50.0);
    target.assert_unharmed();
}

#[test]
fn a_thousand_requests_in_one_piece_get_a_thousand_answers() {
    let target = Target::start("max_body: 1MiB", 500);
    let requests: String = (0..1000)
        .map(|number| request(config::PATH, &event::webhook(&format!("pipelined-{number}"), number)))
        .collect();
    let mut attacker = target.connect();
    attacker.send(requests + "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let said = attacker.read_to_end();
    assert_eq!(said.matches("HTTP/1.1 200 OK").count(), 1000);
    target.assert_unharmed();
}

#[test]
fn what_is_no_http_at_all_is_closed() {
    let target = Target::start("max_body: 1MiB", 500);
    for mut attacker in target.connections(300) {
        attacker.send([0x16, 0x03, 0x01, 0xff, b'\r', b'\n', b'\r', b'\n'].repeat(100)).ok();
        attacker.close_sending_half();
        let said = attacker.read_to_end();
        assert!(said.is_empty() || status(&said) == "400", "{said}");
    }
    target.wait_for("kalends_http_malformed_total", 300.0);
    target.assert_unharmed();
}
