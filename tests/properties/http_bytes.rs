use std::sync::Arc;

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use kalends_ingress::{Endpoint, Metrics, Server, Settings, Token};
use kalends_journal::ShardLog;
use kalends_journal_local::Journal;
use kalends_receipt::Receipt;
use kalends_tests::{config::PATH, event, wait::PATIENCE, wait_until};
use proptest::{prelude::*, sample::Index};
use tokio::runtime::{Builder, Runtime};

use crate::{
    damage::{damaged, damages},
    runner::search,
};

const PIECES: [&str; 26] = [
    "\r\n",
    "\r\n\r\n",
    "\n",
    ":",
    " ",
    "\u{0}",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "-1\r\n",
    "1;x=\"\r\n",
    "Host: \r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 18446744073709551616\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Content-Encoding: gzip\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "Connection: upgrade\r\nUpgrade: h2c\r\n",
    "Authorization: Basic ====\r\n",
    "traceparent: 00--\r\n",
    "HTTP/9.9",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "%00%ff",
    "?token=",
    "../",
];

/// A listener, a journal behind it, and what keeps both alive.
struct Listener {
    address: SocketAddr,
    log: Arc<dyn ShardLog>,
    registry: prometheus::Registry,
    _journal: Journal,
    _runtime: Runtime,
    _directory: tempfile::TempDir,
}

impl Listener {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = kalends_journal_local::Settings {
            min_free_bytes: 0,
            ..kalends_journal_local::Settings::new(directory.path().join("journal"))
        };
        let journal = Journal::open(settings, kalends_journal_local::Metrics::default()).unwrap();
        let endpoint = |name: &str, path: &str, tokens| Endpoint {
            name: name.to_owned(),
            path: path.to_owned(),
            tokens,
            allow: Vec::new(),
        };
        let guarded = endpoint("guarded", "/guarded", vec![Token::new("secret").unwrap()]);
        let endpoints = vec![endpoint("main", PATH, Vec::new()), guarded];
        let settings = Settings {
            max_body_bytes: 10_000,
            header_timeout: Duration::from_secs(2),
            body_timeout: Duration::from_secs(2),
            ..Settings::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), endpoints)
        };
        let (registry, metrics) = (prometheus::Registry::new(), Metrics::default());
        metrics.register(&registry).unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::bind(settings, metrics)).unwrap();
        let (address, log, appender) = (server.local_addr(), journal.log(), journal.appender());
        runtime.spawn(server.serve(appender, std::future::pending()));
        Self { address, log, registry, _journal: journal, _runtime: runtime, _directory: directory }
    }

    /// Sends these bytes in two pieces and closes the sending half; everything that is answered until the connection ends.
    fn exchange(&self, bytes: &[u8], pause: Index) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (first, second) = bytes.split_at(pause.index(bytes.len() + 1));
        // It may be refused before all of it was sent.
        let sent = stream.write_all(first).and_then(|()| stream.write_all(second));
        sent.and_then(|()| stream.shutdown(Shutdown::Write)).ok();
        let mut said = Vec::new();
        if let Err(error) = stream.read_to_end(&mut said) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "it never ends: {error}");
        }
        String::from_utf8_lossy(&said).into_owned()
    }

    fn gauge(&self, name: &str) -> f64 {
        let families = self.registry.gather();
        families.iter().find(|f| f.name() == name).unwrap().get_metric()[0].get_gauge().get_value()
    }
}

fn sound() -> Vec<String> {
    let body = event::webhook("fuzz", 0);
    let chunks = format!("5\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", &body[..5], body.len() - 5, &body[5..]);
    let plain = format!("POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    vec![
        plain.repeat(3),
        format!(
            "POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\ntraceparent: 00-x\r\n\r\n{chunks}"
        ),
        format!("POST /guarded?token=secret HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}"),
        format!("POST /guarded HTTP/1.0\r\nAuthorization: Bearer secret\r\nContent-Length: 2\r\n\r\n{{}}"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n\r\n{plain}"),
    ]
}

/// What was answered 200 is stored as often, as receipts that can be read, and no memory stays reserved.
#[test]
fn any_bytes_on_a_connection_are_answered_or_closed() {
    let listener = Listener::start();
    let sound = sound();
    let request = (any::<Index>(), damages(5, &PIECES))
        .prop_map(move |(which, damages)| damaged(sound[which.index(sound.len())].as_bytes(), &damages));
    let bytes = proptest::collection::vec(any::<u8>(), 0..100);
    let mut reader = listener.log.read_after(0);
    let reader = std::cell::RefCell::new(&mut reader);
    search(&(prop_oneof![8 => request, 1 => bytes], any::<Index>()), |(bytes, pause)| {
        let said = listener.exchange(&bytes, pause);
        prop_assert!(said.is_empty() || said.starts_with("HTTP/1.") || bytes.starts_with(b"PRI"), "{said}");
        prop_assert!(!said.contains(" 500 "), "{said}");
        let answered = ["HTTP/1.1 200 OK", "HTTP/1.0 200 OK"].map(|ok| said.matches(ok).count());
        let (mut stored, mut reader) = (0, reader.borrow_mut());
        while let Some(frame) = reader.next().unwrap() {
            prop_assert!(Receipt::decode(frame.payload).is_ok());
            stored += 1;
        }
        prop_assert!(stored >= answered.iter().sum::<usize>(), "{stored} stored: {said}");
        Ok(())
    });
    wait_until("everybody to be gone", PATIENCE, || {
        let open =
            ["kalends_http_connections", "kalends_http_in_flight_bytes"].map(|name| listener.gauge(name));
        Ok((open == [0.0, 0.0]).then_some(()))
    })
    .unwrap();
}
