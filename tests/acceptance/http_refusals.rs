use std::fs;

use kalends_tests::{Daemon, Installation, config, event, http::Connection, wait::PATIENCE, wait_until};
use serde_json::{Value, json};

const PATH: &str = config::PATH;
const TOKEN: &str = "correct-horse";

/// Method, target, headers, body, and the code that they must get.
type Case<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, &'a [u8], u16);

/// Its only endpoint wants a token.
fn guarded() -> Installation {
    let open = "main: { path: /webhooks/rokt }";
    let guarded = "main: { path: /webhooks/rokt, tokens: [{ file: ./old-token }, { file: ./token }] }";
    let installation = Installation::new(&config::files().replace(open, guarded)).unwrap();
    fs::write(installation.path("old-token"), "battery-staple\n").unwrap();
    fs::write(installation.path("token"), format!("{TOKEN}\n")).unwrap();
    installation
}

/// After any number of refusals, the first authentic webhook is the journal's first.
fn assert_nothing_was_stored(installation: &Installation, daemon: &Daemon) {
    let bearer = format!("Bearer {TOKEN}");
    let body = event::webhook("authentic", 0);
    assert_eq!(
        daemon.send("POST", PATH, &[("authorization", &bearer)], body.as_bytes()).unwrap().status,
        200
    );
    daemon.wait_until_delivered(&["files"]).unwrap();
    let positions: Vec<_> =
        installation.records().unwrap().iter().map(|r| r.number("journal_position")).collect();
    assert_eq!(positions, [Some(1)]);
}

#[test]
fn each_refusal_has_its_code_in_the_documented_order_and_stores_nothing() {
    let installation = guarded();
    let daemon = installation.start().unwrap();
    let bearer = format!("Bearer {TOKEN}");
    let authentic = ("authorization", bearer.as_str());
    let large = vec![b' '; 1024 * 1024 + 1];
    let cases: [Case<'_>; 9] = [
        ("GET", "/elsewhere", vec![("content-encoding", "gzip")], b"", 404),
        ("GET", PATH, vec![("content-encoding", "gzip")], b"", 405),
        ("POST", PATH, vec![("content-encoding", "gzip")], b"", 401),
        ("POST", PATH, vec![("authorization", "Bearer wrong")], b"{}", 401),
        ("POST", "/webhooks/rokt?token=wrong", vec![], b"{}", 401),
        ("POST", PATH, vec![authentic, ("content-encoding", "gzip")], &large, 415),
        ("POST", PATH, vec![authentic], &large, 413),
        ("POST", PATH, vec![authentic], b"", 400),
        ("POST", "/webhooks", vec![authentic], b"{}", 404),
    ];
    for (method, path, headers, body, code) in cases {
        // The largest body may be refused before it was sent to its end, which breaks the connection.
        let answer = daemon.send(method, path, &headers, body);
        if let Err(error) = answer {
            assert_eq!(code, 413, "{method} {path}: {error}");
            continue;
        }
        let answer = answer.unwrap();
        assert_eq!(answer.status, code, "{method} {path} {headers:?}");
        assert_eq!(answer.header("allow"), (code == 405).then_some("POST"));
        assert!(answer.header("location").is_none(), "never a redirect");
    }
    assert_nothing_was_stored(&installation, &daemon);
}

#[test]
fn a_body_that_grows_past_the_limit_on_its_way_is_refused() {
    let installation = guarded();
    let daemon = installation.start().unwrap();
    let mut request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    request.extend_from_slice(chunk.repeat(17).as_bytes());
    let answer = Connection::open(daemon.public()).unwrap().send(&request);
    if let Ok(answer) = answer {
        assert_eq!(answer.status, 413);
    }
    assert_nothing_was_stored(&installation, &daemon);
}

#[test]
fn every_way_to_show_a_live_token_is_accepted() {
    let installation = guarded();
    let daemon = installation.start().unwrap();
    let body = event::webhook("authentic", 0);
    // Basic, any user: x:correct-horse and y:battery-staple.
    let ways: [(&str, Option<&str>); 6] = [
        ("/webhooks/rokt?token=correct-horse", None),
        ("/webhooks/rokt/?token=battery-staple", None),
        (PATH, Some("Bearer correct-horse")),
        (PATH, Some("bearer battery-staple")),
        (PATH, Some("Basic eDpjb3JyZWN0LWhvcnNl")),
        (PATH, Some("Basic eTpiYXR0ZXJ5LXN0YXBsZQ==")),
    ];
    for (path, authorization) in ways {
        let headers: Vec<_> = authorization.iter().map(|value| ("authorization", *value)).collect();
        let answer = daemon.send("POST", path, &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{path} {authorization:?}");
    }
}

#[test]
fn any_content_type_is_accepted() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    for (number, kind) in
        (0..).zip(["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
    {
        let body = event::webhook(&format!("kind-{number}"), number);
        let answer = daemon.send("POST", PATH, &[("content-type", kind)], body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{kind:?}");
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(installation.records().unwrap().len(), 4);
}

#[test]
fn no_token_is_ever_logged() {
    let installation = guarded();
    let daemon = installation.start().unwrap();
    daemon.send("POST", "/webhooks/rokt?token=correct-horse", &[], b"{}").unwrap();
    daemon.send("POST", "/webhooks/rokt?token=wrong-horse", &[], b"{}").unwrap();
    let said = [
        daemon.log().unwrap(),
        daemon.metrics().unwrap().text().to_owned(),
        daemon.status().unwrap().to_string(),
    ];
    for text in said {
        assert!(!text.contains("horse"), "{text}");
    }
}

#[test]
fn a_token_that_is_easily_guessed_is_warned_of() {
    let warning = "can be guessed";
    let configuration =
        config::files().replace("/webhooks/rokt }", "/webhooks/rokt, tokens: [{ file: token }] }");
    let installation = Installation::new(&configuration).unwrap();
    for (token, expected) in [("hunter2", true), ("0123456789abcdef", false)] {
        fs::write(installation.path("token"), token).unwrap();
        let daemon = installation.start().unwrap();
        let log = daemon.log().unwrap();
        assert_eq!(log.contains(warning), expected, "{log}");
        assert!(!log.contains(token), "{log}");
        daemon.terminate().unwrap();
    }
}

#[test]
fn a_request_that_comes_too_slowly_is_answered_408_and_closed() {
    let hasty = "address: 127.0.0.1:0, header_timeout: 300ms, body_timeout: 300ms }";
    let configuration = config::files().replacen("address: 127.0.0.1:0 }", hasty, 1);
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    let unfinished = [
        format!("POST {PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{{"),
        format!("POST {PATH} HTTP/1.1\r\nhost: "),
    ];
    for request in unfinished {
        let answer = Connection::open(daemon.public()).unwrap().send(request.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.header("connection")), (408, Some("close")), "{request:?}");
    }
}

/// The line of the log that has this in its field `request_id`.
fn line_of(daemon: &Daemon, id: &str) -> Value {
    wait_until("the request's line in the log", PATIENCE, || {
        let log = daemon.log()?;
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut found: Vec<_> = lines.filter(|line| line["request_id"] == id).collect();
        anyhow::ensure!(found.len() < 2, "one line for one fact: {found:?}");
        Ok(found.pop())
    })
    .unwrap()
}

#[test]
fn a_refused_request_is_found_in_the_log_by_the_id_in_its_answer() {
    let installation = guarded();
    let configuration = fs::read_to_string(installation.path("kalends.yaml")).unwrap();
    installation.configure(&configuration.replace("level: info", "level: debug")).unwrap();
    let daemon = installation.start().unwrap();
    let send = |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("x-request-id", "of-the-sender")];
        daemon.send("POST", PATH, &headers, event::webhook("a", 0).as_bytes()).unwrap()
    };
    // The second one is told at `debug`, unless ten seconds have passed.
    for _ in 0..2 {
        let answer = send("wrong");
        let line = line_of(&daemon, answer.header("x-request-id").unwrap());
        assert_eq!(line["reason"], "credential");
    }

    let answer = send(TOKEN);
    assert_eq!((answer.status, answer.header("x-request-id")), (200, None));
    let log = daemon.log().unwrap();
    let stored = log.lines().find(|line| line.contains("webhook stored")).unwrap();
    let stored: Value = serde_json::from_str(stored).unwrap();
    assert_eq!((&stored["position"], &stored["endpoint"]), (&json!(1), &json!("main")));
    assert_eq!(stored["request_id"].as_str().map(str::len), Some(16));
    assert!(!log.contains("of-the-sender"), "{log}");
}
