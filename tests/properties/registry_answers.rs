//! A schema registry that answers anything.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kalends_sink::{Schema, Stream};
use kalends_sink_kafka::registry::{Finding, Settings, Standing, inspect, register};
use proptest::prelude::*;
use serde_json::Value;

use crate::runner::search;

/// Longer than any answer takes, and than a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What the registry of this test answers to each request, one after the other.
#[derive(Debug, Clone)]
enum Answer {
    /// An answer in HTTP.
    Http { status: u16, kind: &'static str, body: Vec<u8> },
    /// One that claims a length it doesn't have.
    Cut { claimed: usize, body: Vec<u8> },
    /// One that never ends, nor claims to.
    Endless { head: &'static str, piece: Vec<u8> },
    /// Any bytes.
    Bytes(Vec<u8>),
}

impl Answer {
    fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::Http { status, kind, body } => {
                let length = body.len();
                write!(to, "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n")?;
                write!(to, "connection: close\r\n\r\n")?;
                to.write_all(body)
            }
            Self::Cut { claimed, body } => {
                write!(to, "HTTP/1.1 200 OK\r\ncontent-length: {claimed}\r\n\r\n")?;
                to.write_all(body)
            }
            Self::Endless { head, piece } => {
                write!(to, "HTTP/1.1 200 OK\r\n{head}")?;
                // Ends when nobody listens any more.
                loop {
                    to.write_all(piece)?;
                }
            }
            Self::Bytes(bytes) => to.write_all(bytes),
        }
    }
}

/// Bodies that a registry could send, and such as look like them.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        Just("1".to_owned()),
        Just("-1".to_owned()),
        Just("2147483648".to_owned()),
        Just("1e3".to_owned()),
        Just("\"7\"".to_owned()),
        Just("null".to_owned()),
        any::<u64>().prop_map(|n| n.to_string()),
    ];
    let fault = (40_399_u32..40_410, "\\PC{0,40}")
        .prop_map(|(code, said)| serde_json::json!({ "error_code": code, "message": said }).to_string());
    let text = prop_oneof![
        4 => (number.clone(), number).prop_map(|(id, version)| format!(r#"{{"id":{id},"version":{version}}}"#)),
        2 => fault,
        2 => any::<bool>().prop_map(|yes| format!(r#"{{"is_compatible":{yes},"messages":["no","\u0000"]}}"#)),
        1 => Just(r#"{"is_compatible":"true"}"#.to_owned()),
        1 => Just("[1,1]".to_owned()),
        1 => Just(r#"{"id":1,"id":2,"version":1}"#.to_owned()),
        1 => Just("[".repeat(100_000)),
        1 => Just(format!(r#"{{"id":1,"version":1,"schema":"{}"}}"#, "x".repeat(5 << 20))),
        1 => Just("<html>not found</html>".to_owned()),
        1 => ".{0,60}",
    ];
    prop_oneof![5 => text.prop_map(String::into_bytes), 1 => proptest::collection::vec(any::<u8>(), 0..60)]
}

fn answer() -> impl Strategy<Value = Answer> {
    let status = prop_oneof![
        6 => Just(200_u16),
        4 => Just(404),
        1 => prop_oneof![Just(201), Just(204), Just(301), Just(401), Just(409), Just(422), Just(429), Just(503)],
        1 => 200_u16..600,
    ];
    let kinds = ["application/vnd.schemaregistry.v1+json", "application/json", "text/html", "\u{1}"];
    let kind = proptest::sample::select(kinds.to_vec());
    let endless = proptest::sample::select(vec!["\r\n", "x-long: ", "transfer-encoding: chunked\r\n\r\n"]);
    let pieces = prop_oneof![
        Just(b"8\r\n[[[[[[[[\r\n".to_vec()),
        Just(vec![b' '; 4096]),
        Just(b"x: y\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 1..2000),
    ];
    prop_oneof![
        12 => (status, kind, body()).prop_map(|(status, kind, body)| Answer::Http { status, kind, body }),
        2 => (0..usize::MAX, body()).prop_map(|(claimed, body)| Answer::Cut { claimed, body }),
        1 => (endless, pieces).prop_map(|(head, piece)| Answer::Endless { head, piece }),
        2 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Answer::Bytes),
    ]
}

/// A registry that many cases ask, one after the other.
struct Registry {
    url: String,
    answers: Arc<Mutex<Vec<Answer>>>,
    asked: Arc<AtomicU64>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (answers, asked) = (Arc::<Mutex<Vec<Answer>>>::default(), Arc::<AtomicU64>::default());
    let (theirs, count) = (Arc::clone(&answers), Arc::clone(&asked));
    thread::spawn(move || {
        for stream in listener.incoming().map(Result::unwrap) {
            let nth = usize::try_from(count.fetch_add(1, Ordering::SeqCst)).unwrap();
            let answer = theirs.lock().unwrap().get(nth).cloned();
            // A client that has read enough goes away.
            answer.map(|answer| serve(stream, &answer));
        }
    });
    Registry { url, answers, asked }
});

fn serve(stream: TcpStream, answer: &Answer) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(claimed) = line.to_lowercase().strip_prefix("content-length: ") {
            length = claimed.trim().parse().unwrap();
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length])?;
    answer.write(reader.get_mut())
}

fn ask(
    answers: &[Answer],
    question: fn(&Settings, &[Stream]) -> Result<Vec<Finding>, kalends_sink_kafka::registry::Error>,
) -> Result<Standing, String> {
    *REGISTRY.answers.lock().unwrap() = answers.to_vec();
    REGISTRY.asked.store(0, Ordering::SeqCst);
    let schema = Schema {
        name: "Test".to_owned(),
        full_name: "rokt.calendar.Test".to_owned(),
        json: r#"{"type":"record","name":"Test","fields":[]}"#.into(),
        fingerprint: 1,
    };
    let stream = Stream { topic: "t".into(), schema: Arc::new(schema) };
    let mut settings = Settings::new(vec![REGISTRY.url.clone()]);
    settings.timeout = TIMEOUT;
    let begun = Instant::now();
    let answer = question(&settings, &[stream]);
    assert!(begun.elapsed() < TIMEOUT * 4, "it went on asking");
    answer.map(|mut found| found.remove(0).standing).map_err(|error| error.to_string())
}

/// What an answer says, if it is one that can be believed.
fn said(answer: Option<&Answer>, of: impl Fn(u16) -> bool) -> Option<Value> {
    match answer {
        Some(Answer::Http { status, body, .. }) if of(*status) => {
            serde_json::from_slice(body).ok().filter(Value::is_object)
        }
        _ => None,
    }
}

fn is_absent(answer: Option<&Answer>) -> bool {
    let code = said(answer, |status| status == 404).and_then(|said| said.get("error_code")?.as_u64());
    code.is_some_and(|code| (40_401..=40_403).contains(&code))
}

#[test]
fn whatever_a_registry_answers_is_understood_or_told_and_nothing_else_is_believed() {
    search(&proptest::collection::vec(answer(), 0..4), |answers| {
        let good = |status: u16| (200..300).contains(&status);
        match ask(&answers, inspect) {
            Ok(Standing::Registered { id, version }) => {
                let said = said(answers.first(), good);
                let expected = serde_json::json!({ "id": id, "version": version });
                let told =
                    said.map(|said| serde_json::json!({ "id": said["id"], "version": said["version"] }));
                prop_assert_eq!(told, Some(expected));
                prop_assert!(i32::try_from(id).is_ok());
            }
            Ok(Standing::New) => prop_assert!(is_absent(answers.first()) && is_absent(answers.get(1))),
            Ok(standing @ (Standing::Compatible | Standing::Incompatible { .. })) => {
                let verdict =
                    said(answers.get(1), good).and_then(|said| said.get("is_compatible")?.as_bool());
                prop_assert!(is_absent(answers.first()));
                prop_assert_eq!(verdict, Some(standing == Standing::Compatible));
            }
            Err(told) => prop_assert!(told.len() < 2000 && !told.contains('\n'), "{}", told),
        }
        // Also where it may write.
        if let Err(told) = ask(&answers, register) {
            prop_assert!(told.len() < 2000 && !told.contains('\n'), "{}", told);
        }
        Ok(())
    });
}
