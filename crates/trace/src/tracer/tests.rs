use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Instant,
};

use kalends_outgoing::TlsConfig;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    trace::v1 as otlp,
};
use prometheus::Registry;
use prost::Message as _;

use super::*;
use crate::{Kind, Value};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TEST_TIMEOUT: Duration = Duration::from_mins(1);

/// An endpoint that answers each request with the next of these heads and bodies, then closes its door. Returns what it was sent.
fn endpoint(answers: Vec<(u16, Vec<u8>)>) -> (String, thread::JoinHandle<Vec<ExportTraceServiceRequest>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = move || {
        let answer = |(status, body): (u16, Vec<u8>)| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read(&stream);
            write!(
                stream,
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            )
            .unwrap();
            stream.write_all(&body).unwrap();
            request
        };
        answers.into_iter().map(answer).collect()
    };
    (url, thread::spawn(serve))
}

fn read(stream: &TcpStream) -> ExportTraceServiceRequest {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_ascii_lowercase());
    }
    assert_eq!(head[0], "post /v1/traces http/1.1");
    assert!(head.contains(&"content-type: application/x-protobuf".to_owned()), "{head:?}");
    assert!(head.contains(&"x-team: crm".to_owned()), "{head:?}");
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    ExportTraceServiceRequest::decode(body.as_slice()).unwrap()
}

fn settings(endpoint: String) -> Settings {
    Settings {
        endpoint,
        headers: vec![("x-team".into(), "crm".into())],
        tls: TlsConfig::default(),
        timeout: TEST_TIMEOUT,
        queue: 100,
        sample: 1.0,
        resource: vec![("service.name".into(), "k".into())],
    }
}

fn on(settings: Settings) -> (Tracer, Metrics) {
    let (tracer, metrics) = (Tracer::default(), Metrics::register(&Registry::new()).unwrap());
    tracer.replace(Some((settings, metrics.clone()))).unwrap();
    (tracer, metrics)
}

fn span(context: SpanContext) -> Span {
    Span {
        context,
        name: "do",
        kind: Kind::Server,
        began: 1_000_000,
        ended: 1_000_250,
        attributes: vec![("a", Value::Text("b".into())), ("n", Value::Number(300))],
        failure: None,
    }
}

fn spans(requests: Vec<ExportTraceServiceRequest>) -> Vec<otlp::Span> {
    let resources = requests.into_iter().flat_map(|request| request.resource_spans);
    resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
}

#[test]
fn off_it_wants_no_span() {
    let tracer = Tracer::default();
    assert!(!tracer.is_on());
    assert_eq!(tracer.request(Some(PARENT)), None);
    assert_eq!(tracer.follow(PARENT), None);
}

#[test]
fn the_senders_decision_counts_and_then_the_share() {
    let (url, _) = endpoint(Vec::new());
    let (tracer, _) = on(Settings { sample: 0.0, ..settings(url.clone()) });
    let unsampled = PARENT.replace("-01", "-00");
    assert_eq!(tracer.request(Some(&unsampled)), None);
    assert_eq!(tracer.request(None), None);
    let context = tracer.request(Some(PARENT)).unwrap();
    assert_eq!(context.trace_context.to_string()[..36], PARENT[..36], "the same trace");
    assert_ne!(context.trace_context.to_string(), PARENT, "another span");

    let (tracer, _) = on(settings(url));
    assert_eq!(tracer.request(Some(&unsampled)), None);
    let (one, other) = (tracer.request(None).unwrap(), tracer.request(None).unwrap());
    assert!(one.trace_context.is_sampled());
    assert_ne!(one.trace_context.trace, other.trace_context.trace);
}

#[test]
fn spans_arrive_as_opentelemetry_reads_them() {
    let (url, served) = endpoint(vec![(200, Vec::new())]);
    let (tracer, metrics) = on(settings(url));
    let request = tracer.request(Some(PARENT)).unwrap();
    tracer.record(Span { failure: Some("journal-full"), ..span(request) });
    tracer.record(span(request.child().unwrap()));
    tracer.stop(TEST_TIMEOUT);
    let requests = served.join().unwrap();
    let resource = requests[0].resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(resource.attributes[0].key, "service.name");
    let spans = spans(requests);
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0].trace_id[..2], [0x4b, 0xf9]);
    assert_eq!(spans[0].parent_span_id, [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
    assert_eq!(spans[1].parent_span_id, spans[0].span_id);
    assert_eq!(spans[0].kind(), otlp::span::SpanKind::Server);
    assert_eq!((spans[0].start_time_unix_nano, spans[0].end_time_unix_nano), (1_000_000_000, 1_000_250_000));
    let status = spans[0].status.as_ref().unwrap();
    assert_eq!((status.code(), status.message.as_str()), (otlp::status::StatusCode::Error, "journal-full"));
    assert_eq!(spans[1].status, None);
    let shown = format!("{:?}", spans[0].attributes);
    assert!(shown.contains("StringValue(\"b\")") && shown.contains("IntValue(300)"), "{shown}");
    assert_eq!(metrics.exported.get(), 2);
}

#[test]
fn what_the_endpoint_can_not_take_now_is_sent_again_and_what_it_refuses_is_counted() {
    let partial = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess { rejected_spans: 1, error_message: "odd".into() }),
    };
    let answers = vec![(503, Vec::new()), (200, partial.encode_to_vec()), (400, Vec::new())];
    let (url, served) = endpoint(answers);
    let (tracer, metrics) = on(settings(url));
    tracer.record(span(tracer.request(None).unwrap()));
    let begun = Instant::now();
    while metrics.dropped.refused.get() == 0 && begun.elapsed() < TEST_TIMEOUT {
        thread::yield_now();
    }
    tracer.record(span(tracer.request(None).unwrap()));
    tracer.stop(TEST_TIMEOUT);
    let requests = served.join().unwrap();
    assert_eq!(requests[0], requests[1], "the same again");
    assert_eq!(
        (metrics.exports.failed.get(), metrics.exports.answered.get(), metrics.exports.refused.get()),
        (1, 1, 1)
    );
    assert_eq!((metrics.exported.get(), metrics.dropped.refused.get()), (0, 2));
}

/// The endpoint takes connections into its kernel's queue and never answers.
#[test]
fn nobody_waits_for_an_endpoint_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tracer, metrics) = on(Settings { queue: 10, ..settings(url) });
    for _ in 0..5000 {
        tracer.record(span(tracer.request(None).unwrap()));
    }
    let dropped = metrics.dropped.no_room.get();
    assert!((1..=4990).contains(&dropped), "{dropped}");
    tracer.stop(Duration::from_millis(1));
    assert!(!tracer.is_on());
}

#[test]
fn spans_go_elsewhere_from_a_change_on_and_what_waited_goes_where_it_was_to_go() {
    let (first, first_served) = endpoint(vec![(200, Vec::new())]);
    let (second, second_served) = endpoint(vec![(200, Vec::new())]);
    let (tracer, metrics) = on(settings(first));
    tracer.record(span(tracer.request(None).unwrap()));
    tracer.replace(Some((settings(second), metrics))).unwrap();
    tracer.record(span(tracer.request(None).unwrap()));
    tracer.record(span(tracer.request(None).unwrap()));
    tracer.stop(TEST_TIMEOUT);
    assert_eq!(spans(first_served.join().unwrap()).len(), 1);
    assert_eq!(spans(second_served.join().unwrap()).len(), 2);
}
