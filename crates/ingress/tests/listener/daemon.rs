use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use kalends_ingress::{Control, Ended, Endpoint, Metrics, Server, Settings, Token};
use kalends_journal_local::Journal;
use kalends_receipt::Receipt;
use prometheus::Registry;
use tempfile::TempDir;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinHandle,
};

use crate::client::Client;

pub(crate) const PATH: &str = "/webhooks/rokt";
pub(crate) const TOKEN: &str = "s3cret+/=";
pub(crate) const OLD_TOKEN: &str = "the-one-before";
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A listener with a journal behind it, in a runtime of its own.
pub(crate) struct Daemon {
    pub(crate) address: SocketAddr,
    pub(crate) journal: Journal,
    pub(crate) registry: Registry,
    pub(crate) settings: Settings,
    pub(crate) control: Control,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Ended>,
    runtime: Runtime,
    directory: TempDir,
}

/// A receipt, with nothing borrowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) endpoint: String,
    pub(crate) received_at: i64,
    pub(crate) traceparent: Option<String>,
    pub(crate) tracestate: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Daemon {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_on(change, |_| {})
    }

    pub(crate) fn start_on(
        change: impl FnOnce(&mut Settings),
        change_journal: impl FnOnce(&mut kalends_journal_local::Settings),
    ) -> Self {
        let directory = TempDir::new().unwrap();
        let mut for_journal = kalends_journal_local::Settings::new(directory.path().join("journal"));
        for_journal.min_free_bytes = 0;
        change_journal(&mut for_journal);
        let journal = Journal::open(for_journal, kalends_journal_local::Metrics::default()).unwrap();

        let endpoint = Endpoint {
            name: "main".to_owned(),
            path: PATH.to_owned(),
            tokens: [TOKEN, OLD_TOKEN].map(|text| Token::new(text).unwrap()).to_vec(),
            allow: Vec::new(),
        };
        let mut settings = Settings::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), vec![endpoint]);
        change(&mut settings);
        let registry = Registry::new();
        let metrics = Metrics::default();
        metrics.register(&registry).unwrap();

        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let server = runtime.block_on(Server::bind(settings.clone(), metrics)).unwrap();
        let (address, control) = (server.local_addr(), server.control());
        let (stop, stopped) = oneshot::channel::<()>();
        let appender = journal.appender();
        let serving = runtime.spawn(server.serve(appender, async move { drop(stopped.await) }));
        Self { address, journal, registry, settings, control, stop, serving, runtime, directory }
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// Stored receipts, oldest first.
    pub(crate) fn stored(&self) -> Vec<Stored> {
        let mut reader = self.journal.log().read_after(0);
        let mut all = Vec::new();
        while let Some(frame) = reader.next().unwrap() {
            let Receipt { envelope, body } = Receipt::decode(frame.payload).unwrap();
            all.push(Stored {
                endpoint: envelope.endpoint.to_owned(),
                received_at: envelope.received_at,
                traceparent: envelope.traceparent.map(str::to_owned),
                tracestate: envelope.tracestate.map(str::to_owned),
                body: body.to_vec(),
            });
        }
        all
    }

    pub(crate) fn stored_bodies(&self) -> Vec<Vec<u8>> {
        self.stored().into_iter().map(|stored| stored.body).collect()
    }

    /// The value of a sample, as `name{label="value"}`.
    pub(crate) fn metric(&self, sample: &str) -> f64 {
        let text = prometheus::TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {sample} in\n{text}")).parse().unwrap()
    }

    pub(crate) fn wait_until(&self, sample: &str, holds: impl Fn(f64) -> bool) {
        let begun = Instant::now();
        while !holds(self.metric(sample)) {
            assert!(begun.elapsed() < DEADLINE, "{sample} is {}", self.metric(sample));
            std::thread::yield_now();
        }
    }

    /// Begins the stop, and gives what ends it.
    pub(crate) fn stop(self) -> Stopping {
        drop(self.stop);
        Stopping {
            serving: self.serving,
            runtime: self.runtime,
            journal: self.journal,
            _directory: self.directory,
        }
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

pub(crate) struct Stopping {
    serving: JoinHandle<Ended>,
    runtime: Runtime,
    journal: Journal,
    _directory: TempDir,
}

impl Stopping {
    /// The end of serving, and the number of frames in the journal.
    pub(crate) fn end(self) -> (Ended, u64) {
        let ended = self.runtime.block_on(async { tokio::time::timeout(DEADLINE, self.serving).await });
        (ended.expect("the server ends in time").unwrap(), self.journal.log().synced().position)
    }
}
