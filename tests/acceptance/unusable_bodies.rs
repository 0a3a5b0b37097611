use kalends_tests::{Installation, config};

const DEEP: usize = 200;

/// Bodies that are no event, and the reason that their dead letter must give.
fn bodies() -> Vec<(Vec<u8>, &'static str)> {
    let deep = format!(
        r#"{{"eventId":"d","eventType":"Subscribe","eventDetails":{}{}}}"#,
        "[".repeat(DEEP),
        "]".repeat(DEEP)
    );
    vec![
        (b"{\"eventId\": \"1\", \"eventType\"".to_vec(), "invalid-json"),
        (b"not JSON at all".to_vec(), "invalid-json"),
        (
            b"{\"eventId\":\"\xff\xfe\",\"eventType\":\"Subscribe\",\"eventDetails\":{}}".to_vec(),
            "invalid-json",
        ),
        (b"[1, 2, 3]".to_vec(), "not-an-event"),
        (b"{\"eventType\":\"Subscribe\",\"eventDetails\":{}}".to_vec(), "not-an-event"),
        (b"{\"eventId\":\"1\",\"eventType\":null,\"eventDetails\":{}}".to_vec(), "not-an-event"),
        (b"{\"eventId\":\"1\",\"eventType\":\"Subscribe\"}".to_vec(), "not-an-event"),
        (deep.into_bytes(), "too-deep"),
    ]
}

#[test]
fn a_body_that_is_no_event_is_a_dead_letter_with_its_bytes_unchanged() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    for (body, _) in bodies() {
        assert_eq!(daemon.post(&body).unwrap().status, 200, "the sender must not give it up");
    }
    daemon.wait_until_delivered(&["files"]).unwrap();

    let mut letters = installation.records().unwrap();
    letters.sort_by_key(|letter| letter.number("journal_position"));
    assert_eq!(letters.len(), bodies().len());
    for (letter, (body, reason)) in letters.iter().zip(bodies()) {
        let text = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(letter.topic, "rokt.calendar.dead-letter", "{text}");
        assert_eq!(letter.text("reason"), Some(reason), "{text}");
        assert_eq!(letter.bytes("body"), Some(body.as_slice()), "{text}");
        assert_eq!(letter.number("body_bytes"), i64::try_from(body.len()).ok(), "{text}");
        assert!(letter.text("message").is_some_and(|message| !message.is_empty()), "{text}");
    }
    assert_eq!(
        daemon.metrics().unwrap().value(r#"kalends_dead_letters_total{reason="too-deep"}"#),
        Some(1.0)
    );
}

#[test]
fn a_bad_body_sent_again_is_a_dead_letter_again() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post("neither this").unwrap();
    daemon.post("neither this").unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert_eq!(installation.records().unwrap().len(), 2);
}
