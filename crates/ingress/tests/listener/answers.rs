//! One test per row of the contract.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    client::{post, request, target, webhook},
    daemon::{Daemon, OLD_TOKEN, PATH, TOKEN},
};

#[test]
fn an_authentic_webhook_is_stored_and_gets_200_with_nothing_in_it() {
    let daemon = Daemon::start();
    let answer = daemon.connect().exchange(webhook("{}"));
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(answer.header("content-length"), Some("0"));
    assert_eq!(daemon.stored_bodies(), [b"{}"]);
    assert!((daemon.metric("kalends_http_requests_total{code=\"200\"}") - 1.0).abs() < f64::EPSILON);
    assert!(daemon.metric("kalends_ingress_last_accepted_timestamp_seconds") > 1.0e9);
}

#[test]
fn the_same_webhook_again_gets_200_again() {
    let daemon = Daemon::start();
    for _ in 0..2 {
        assert_eq!(daemon.connect().exchange(webhook("{}")).status, 200);
    }
    assert_eq!(daemon.stored_bodies(), [b"{}", b"{}"]);
}

#[test]
fn a_slash_at_the_end_is_the_same_path() {
    let daemon = Daemon::start();
    let answer =
        daemon.connect().exchange(post(&format!("{PATH}/?token={TOKEN}"), &["Content-Length: 2"], "{}"));
    assert_eq!(answer.status, 200);
}

#[test]
fn every_way_to_show_a_live_token_opens() {
    let daemon = Daemon::start();
    for token in [TOKEN, OLD_TOKEN] {
        let bearer = format!("Authorization: Bearer {token}");
        let basic = format!("Authorization: Basic {}", STANDARD.encode(format!("anyone:{token}")));
        let query = format!("{PATH}?a=b&token={token}");
        let requests = [(PATH, Some(bearer)), (PATH, Some(basic)), (query.as_str(), None)];
        for (target, header) in requests {
            let headers: Vec<_> = ["Content-Length: 2"].into_iter().chain(header.as_deref()).collect();
            assert_eq!(daemon.connect().exchange(post(target, &headers, "{}")).status, 200, "{headers:?}");
        }
    }
}

#[test]
fn an_endpoint_without_tokens_takes_whoever_knows_its_path() {
    let daemon = Daemon::start_with(|settings| settings.endpoints[0].tokens.clear());
    assert_eq!(daemon.connect().exchange(post(PATH, &["Content-Length: 2"], "{}")).status, 200);
}

#[test]
fn another_path_gets_404() {
    let daemon = Daemon::start();
    for path in ["/", "/webhooks", "/webhooks/rokt/x", "/webhooks/rokt//", "/WEBHOOKS/rokt"] {
        let target = format!("{path}?token={TOKEN}");
        assert_eq!(
            daemon.connect().exchange(post(&target, &["Content-Length: 2"], "{}")).status,
            404,
            "{path}"
        );
    }
}

#[test]
fn another_method_gets_405_and_is_told_which_one_to_use() {
    let daemon = Daemon::start();
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let mut client = daemon.connect();
        client.send(request(method, &target(), &["Connection: close"], ""));
        if method == "HEAD" {
            continue;
        }
        let answer = client.answer();
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
    }
    daemon.wait_until("kalends_http_requests_total{code=\"405\"}", |count| count > 7.5);
}

#[test]
fn no_or_a_wrong_credential_gets_401_and_is_told_how() {
    let daemon = Daemon::start();
    let mut headers = vec![None];
    headers.extend(["Bearer nope", "Bearer", "Basic !!!!", "Basic bm9wZQ==", "Digest s3cret+/="].map(Some));
    for header in headers {
        let line = header.map(|value| format!("Authorization: {value}"));
        let lines: Vec<_> = ["Content-Length: 2"].into_iter().chain(line.as_deref()).collect();
        let answer = daemon.connect().exchange(post(&format!("{PATH}?token=s3cret"), &lines, "{}"));
        assert_eq!(answer.status, 401, "{header:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"kalends\""));
    }
    assert!(daemon.stored().is_empty());
}

#[test]
fn an_encoded_body_gets_415() {
    let daemon = Daemon::start();
    for (encoding, status) in
        [("gzip", 415), ("identity, br", 415), ("identity", 200), ("Identity", 200), ("", 200)]
    {
        let header = format!("Content-Encoding: {encoding}");
        let answer = daemon.connect().exchange(post(&target(), &["Content-Length: 2", &header], "{}"));
        assert_eq!(answer.status, status, "{encoding}");
    }
}

#[test]
fn any_content_type_or_none_is_taken() {
    let daemon = Daemon::start();
    for header in
        ["Content-Type: application/json", "Content-Type: text/xml", "Content-Type:", "X-Nothing: 1"]
    {
        let answer = daemon.connect().exchange(post(&target(), &["Content-Length: 2", header], "{}"));
        assert_eq!(answer.status, 200, "{header}");
    }
}

#[test]
fn an_empty_body_gets_400() {
    let daemon = Daemon::start();
    let requests = [
        post(&target(), &["Content-Length: 0"], ""),
        post(&target(), &[], ""),
        post(&target(), &["Transfer-Encoding: chunked"], "0\r\n\r\n"),
    ];
    for request in requests {
        assert_eq!(daemon.connect().exchange(request).status, 400);
    }
    assert!(daemon.stored().is_empty());
}

#[test]
fn no_refusal_repeats_what_was_sent_and_each_is_one_line() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 10);
    let requests = [
        post("/mark?token=mark", &["Content-Length: 4", "X-Mark: mark"], "mark"),
        request("MARK", &target(), &["Content-Length: 4", "X-Mark: mark"], "mark"),
        post(PATH, &["Content-Length: 4", "Authorization: Bearer mark"], "mark"),
        post(&target(), &["Content-Length: 4", "Content-Encoding: mark"], "mark"),
        post(&target(), &["Content-Length: 40"], "mark"),
        post(&target(), &["Content-Length: 0", "X-Mark: mark"], ""),
    ];
    for (request, status) in requests.into_iter().zip([404, 405, 401, 415, 413, 400]) {
        let answer = daemon.connect().exchange(request);
        assert_eq!(answer.status, status);
        assert!(!format!("{answer:?}").to_lowercase().contains("mark"), "{answer:?}");
        assert_eq!(answer.body.lines().count(), 1, "{answer:?}");
        assert!(answer.body.ends_with('\n'));
        assert_eq!(answer.header("location"), None);
    }
}
