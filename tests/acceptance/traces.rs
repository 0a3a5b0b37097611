//! Traces, as a collector sees them: from a request to its journal and its sinks, and never at an event's expense.

use kalends_tests::{
    Daemon, Installation,
    collector::{Collector, Span},
    config,
    http::Answer,
    kafka::Broker,
    rotel_collector::Rotel,
    wait::PATIENCE,
    wait_until,
};
use rustix::process::Signal;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn exporting(configuration: &str, collector: &Collector, more: &str) -> String {
    exporting_to(configuration, &collector.url(), more)
}

fn exporting_to(configuration: &str, url: &str, more: &str) -> String {
    format!("{configuration}telemetry: {{ otlp: {{ endpoint: \"{url}\"{more} }} }}\n")
}

fn post(daemon: &Daemon, id: u32, headers: &[(&str, &str)]) -> Answer {
    let body = format!(r#"{{"eventId":"{id}","eventType":"Subscribe","eventDetails":{{}}}}"#);
    daemon.send("POST", config::PATH, headers, body.as_bytes()).unwrap()
}

/// All spans, once there are so many of these names.
fn spans(collector: &Collector, expected: &[(&str, usize)]) -> Vec<Span> {
    wait_until("the spans to be exported", PATIENCE, || {
        let spans = collector.spans()?;
        let count = |name: &str| spans.iter().filter(|span| span.name == name).count();
        let is_whole = expected.iter().all(|(name, number)| count(name) >= *number);
        anyhow::ensure!(is_whole, "only {spans:?}");
        Ok(Some(spans))
    })
    .unwrap()
}

fn named<'a>(spans: &'a [Span], name: &str, position: &str) -> &'a Span {
    let is_it =
        |span: &&Span| span.name == name && span.attribute("kalends.journal.position") == Some(position);
    let found: Vec<_> = spans.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{name} of {position}: {spans:?}");
    found[0]
}

#[test]
fn a_trace_goes_from_the_request_over_the_journal_to_the_sink() {
    let collector = Collector::start().unwrap();
    let more = ", headers: { authorization: { file: ./token }, x_team: crm }, attributes: { site: a }";
    let installation = Installation::new(&exporting(&config::files(), &collector, more)).unwrap();
    std::fs::write(installation.path("token"), "Bearer t0p\n").unwrap();
    let daemon = installation.start().unwrap();
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    post(&daemon, 1, &[("traceparent", &parent)]);
    post(&daemon, 2, &[("traceparent", &parent.replace("-01", "-00"))]);
    post(&daemon, 3, &[]);
    post(&daemon, 4, &[("traceparent", "garbage")]);

    let spans =
        spans(&collector, &[("receive webhook", 3), ("append to journal", 3), ("deliver to sink", 3)]);
    let receive = named(&spans, "receive webhook", "1");
    assert_eq!((receive.trace.as_str(), receive.parent.as_str()), (TRACE, "00f067aa0ba902b7"));
    assert_eq!(receive.attribute("http.response.status_code"), Some("200"));
    assert_eq!(receive.attribute("kalends.endpoint"), Some("main"));
    let append = named(&spans, "append to journal", "1");
    assert_eq!((append.trace.as_str(), &append.parent), (TRACE, &receive.id));
    let deliver = named(&spans, "deliver to sink", "1");
    assert_eq!((deliver.trace.as_str(), &deliver.parent), (TRACE, &receive.id));
    assert_eq!(deliver.attribute("kalends.sink"), Some("files"));
    assert_eq!(deliver.attribute("messaging.destination.name"), Some("rokt.calendar.subscribe"));
    for span in [receive, append, deliver] {
        assert!(span.time.0 <= span.time.1 && span.failure.is_none(), "{span:?}");
        for (name, value) in [("service.name", "kalends"), ("site", "a")] {
            assert!(span.resource.contains(&(name.to_owned(), value.to_owned())), "{span:?}");
        }
    }
    for own in ["3", "4"] {
        let (receive, deliver) =
            (named(&spans, "receive webhook", own), named(&spans, "deliver to sink", own));
        assert_eq!((receive.parent.as_str(), &deliver.parent), ("", &receive.id), "a trace of its own");
    }
    assert!(spans.iter().all(|span| span.attribute("kalends.journal.position") != Some("2")), "{spans:?}");
    let head = &collector.requests()[0].head;
    assert!(head.contains(&"authorization: Bearer t0p".to_owned()), "{head:?}");
    assert!(head.contains(&"x-team: crm".to_owned()), "{head:?}");
}

#[test]
fn a_collector_that_others_have_made_reads_every_span() {
    let Some(rotel) = Rotel::start().unwrap() else { return };
    let configuration = exporting_to(&config::files(), &rotel.url(), ", attributes: { site: a }");
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    post(&daemon, 1, &[("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"))]);
    let parts = [
        "Parent ID      : 00f067aa0ba902b7",
        "service.name: Str(kalends)",
        "site: Str(a)",
        "SPAN_KIND_SERVER",
        "SPAN_KIND_INTERNAL",
        "SPAN_KIND_PRODUCER",
        "http.response.status_code: Int(200)",
        "kalends.journal.position: Int(1)",
        "kalends.sink: Str(files)",
        "messaging.destination.name: Str(rokt.calendar.subscribe)",
    ];
    let trace = format!("Trace ID       : {TRACE}");
    wait_until("the spans to be printed", PATIENCE, || {
        let said = rotel.said()?;
        let missing: Vec<_> = parts.iter().filter(|part| !said.contains(**part)).collect();
        anyhow::ensure!(missing.is_empty(), "no {missing:?} in {said}");
        anyhow::ensure!(said.matches(&trace).count() == 3, "not three of the trace in {said}");
        Ok(Some(()))
    })
    .unwrap();
}

#[test]
fn a_refusal_of_who_may_post_is_a_span_and_strangers_make_none() {
    let collector = Collector::start().unwrap();
    let configuration =
        config::files().replace("{ path: /webhooks/rokt }", "{ tokens: [{ file: ./token }] }");
    let limited =
        configuration.replace("127.0.0.1:0 }\nendpoints", "127.0.0.1:0, max_body: 1KiB }\nendpoints");
    let installation = Installation::new(&exporting(&limited, &collector, "")).unwrap();
    std::fs::write(installation.path("token"), "right-token-0123456789").unwrap();
    let daemon = installation.start().unwrap();
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    for _ in 0..5 {
        assert_eq!(post(&daemon, 1, &[("traceparent", &parent)]).status, 401);
    }
    let authentic = [("traceparent", parent.as_str()), ("authorization", "Bearer right-token-0123456789")];
    let large = daemon.send("POST", config::PATH, &authentic, &[b' '; 2000]).unwrap();
    assert_eq!(large.status, 413);
    post(&daemon, 2, &authentic);
    let spans = spans(&collector, &[("receive webhook", 2), ("deliver to sink", 1)]);
    let statuses: Vec<_> =
        spans.iter().filter_map(|span| span.attribute("http.response.status_code")).collect();
    assert_eq!(statuses, ["413", "200"]);
    let refused = spans.iter().find(|span| span.attribute("kalends.refusal").is_some()).unwrap();
    assert_eq!(refused.attribute("kalends.refusal"), Some("too-large"));
    assert_eq!(refused.failure, None, "the sender's fault is none of the server");
}

#[test]
fn a_consumer_of_kafka_goes_on_in_the_same_trace() {
    let Some(broker) = Broker::start("traces").unwrap() else { return };
    let collector = Collector::start().unwrap();
    let configuration = exporting(&config::kafka(broker.bootstrap()), &collector, "");
    let daemon = Installation::new(&configuration).unwrap();
    let daemon = daemon.start().unwrap();
    post(&daemon, 1, &[("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01")), ("tracestate", "a=1")]);
    let spans = spans(&collector, &[("receive webhook", 1), ("deliver to sink", 1)]);
    let messages = broker.committed("rokt.calendar.subscribe").unwrap();
    let receive = named(&spans, "receive webhook", "1");
    let expected = format!("00-{TRACE}-{}-01", receive.id);
    assert_eq!(messages[0].header("traceparent"), Some(expected.as_str()));
    assert_eq!(messages[0].header("tracestate"), Some("a=1"));
}

/// Nobody listens at port 9 of a test machine.
#[test]
fn a_collector_that_is_away_costs_spans_and_nothing_else() {
    let more = "telemetry: { otlp: { endpoint: \"http://127.0.0.1:9\", queue: 5 } }\n";
    let installation = Installation::new(&(config::files() + more)).unwrap();
    let daemon = installation.start().unwrap();
    for id in 0..300 {
        assert_eq!(post(&daemon, id, &[]).status, 200);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    let metrics = daemon.metrics().unwrap();
    let dropped = metrics.value("kalends_trace_spans_dropped_total{reason=\"no-room\"}").unwrap();
    assert!(dropped > 0.0, "{dropped}");
    let log = daemon.log().unwrap();
    assert_eq!(log.matches("traces can't be exported").count(), 1, "once, however often it is tried: {log}");
    assert!(daemon.terminate().unwrap().success());
    assert_eq!(installation.records().unwrap().len(), 300);
}

#[test]
fn traces_are_switched_on_and_off_while_the_daemon_runs() {
    let collector = Collector::start().unwrap();
    let installation = Installation::new(&config::files()).unwrap();
    let mut daemon = installation.start().unwrap();
    post(&daemon, 1, &[]);
    let reloads = |daemon: &Daemon| -> anyhow::Result<usize> {
        Ok(daemon.log()?.matches("a new configuration is in effect").count())
    };
    for (round, configuration) in [(1, exporting(&config::files(), &collector, "")), (2, config::files())] {
        installation.configure(&configuration).unwrap();
        daemon.signal(Signal::HUP).unwrap();
        wait_until("the reload", PATIENCE, || Ok((reloads(&daemon)? == round).then_some(()))).unwrap();
        post(&daemon, 10 + u32::try_from(round).unwrap(), &[]);
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert!(daemon.terminate().unwrap().success());
    let spans = collector.spans().unwrap();
    let received: Vec<_> = spans.iter().filter(|span| span.name == "receive webhook").collect();
    assert_eq!(received.len(), 1, "{spans:?}");
    assert_eq!(received[0].attribute("kalends.journal.position"), Some("2"));
}
