//! A request's W3C trace context goes with its event, and one that breaks the rules harms nothing.

use kalends_tests::{
    Daemon, Installation, config,
    kafka::{Broker, Message},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn post(daemon: &Daemon, id: u32, headers: &[(&str, &str)]) {
    let body = format!(r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{}}}}"#);
    assert_eq!(daemon.send("POST", config::PATH, headers, body.as_bytes()).unwrap().status, 200);
}

fn context(message: &Message) -> (Option<&str>, Option<&str>) {
    (message.header("traceparent"), message.header("tracestate"))
}

#[test]
fn a_requests_trace_context_arrives_with_its_message_and_a_malformed_one_is_ignored() {
    let Some(broker) = Broker::start("trace-context").unwrap() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let state = "vendor=t61rcWkgMzE,other@tenant=1";
    post(&daemon, 1, &[("traceparent", &parent), ("tracestate", state)]);
    post(&daemon, 2, &[("traceparent", &parent)]);
    post(&daemon, 3, &[]);
    let shorter = &parent[..parent.len() - 1];
    let upper = parent.to_uppercase();
    let zero = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
    let malformed = ["", "garbage", "00", "ff-1-2-3", shorter, &upper, &zero];
    for (id, malformed) in (4..).zip(malformed) {
        post(&daemon, id, &[("traceparent", malformed), ("tracestate", state)]);
    }
    post(&daemon, 20, &[("traceparent", &parent), ("traceparent", &parent), ("tracestate", state)]);
    post(&daemon, 21, &[("tracestate", state)]);
    post(&daemon, 22, &[("traceparent", &parent), ("tracestate", &"x".repeat(2000))]);
    // A dead letter of a traced request can be traced, too.
    daemon.send("POST", config::PATH, &[("traceparent", &parent)], b"{").unwrap();
    daemon.wait_until_delivered(&["kafka"]).unwrap();

    let messages = broker.committed("rokt.calendar.subscribe").unwrap();
    assert_eq!(messages.len(), 3 + malformed.len() + 3);
    for message in &messages {
        let expected = match message.header("ce_id").unwrap() {
            "1" => (Some(parent.as_str()), Some(state)),
            "2" | "22" => (Some(parent.as_str()), None),
            _ => (None, None),
        };
        assert_eq!(context(message), expected, "{message:?}");
    }
    let letters = broker.committed("rokt.calendar.dead-letter").unwrap();
    assert_eq!(context(&letters[0]), (Some(parent.as_str()), None));
}
