//! A bounded number of webhooks sent over many connections at once, by a sender that behaves as the real one.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{config::PATH, event, http::Connection, wait::PATIENCE};

/// Every so many-th event is given up when its first attempt gets no 200: nobody may ever know what became of it.
const GIVEN_UP: u64 = 5;

/// Pause between two attempts, so that a daemon that is down isn't drowned when it comes back.
const PAUSE: Duration = Duration::from_millis(20);

/// What became of the events of a load.
#[derive(Debug, Default, Clone)]
pub struct Outcome {
    /// Ids of events that were answered 200.
    pub acknowledged: BTreeSet<String>,
    /// Ids of events that were sent, but never answered 200: they may have been stored or not.
    pub unknown: BTreeSet<String>,
    /// How long each request took that was answered 200, in the order of the answers per connection.
    pub latencies: Vec<Duration>,
}

impl Outcome {
    /// Adds what became of other events.
    pub fn merge(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.unknown.extend(other.unknown);
        self.latencies.extend(other.latencies);
    }
}

/// A load that runs.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    connections: Vec<JoinHandle<Outcome>>,
}

#[derive(Debug)]
struct Shared {
    name: String,
    target: Mutex<SocketAddr>,
    /// Events in all; zero ends a load before its time.
    events: AtomicU64,
    /// Pause of each connection between two events.
    pause: Duration,
    next: AtomicU64,
    acknowledged: AtomicU64,
}

impl Load {
    /// Begins to send `events` webhooks, whose ids start with `name`, over so many connections.
    #[must_use]
    pub fn start(name: &str, target: SocketAddr, connections: u32, events: u64) -> Self {
        Self::run(name, target, connections, events, Duration::ZERO)
    }

    /// Begins to send webhooks until [`Load::stop`], each connection with this pause behind each of them.
    #[must_use]
    pub fn steady(name: &str, target: SocketAddr, connections: u32, pause: Duration) -> Self {
        Self::run(name, target, connections, u64::MAX, pause)
    }

    fn run(name: &str, target: SocketAddr, connections: u32, events: u64, pause: Duration) -> Self {
        let shared = Arc::new(Shared {
            name: name.to_owned(),
            target: Mutex::new(target),
            events: AtomicU64::new(events),
            pause,
            next: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
        });
        let connect = |_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.send_until_done())
        };
        Self { connections: (0..connections).map(connect).collect(), shared }
    }

    /// How many events were answered 200 so far.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.shared.acknowledged.load(Ordering::Relaxed)
    }

    /// From now on sends to this address: the daemon was started again.
    pub fn redirect(&self, target: SocketAddr) {
        *self.shared.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }

    /// Sends no more events, and waits until every event that was begun was answered 200 or given up.
    ///
    /// # Errors
    /// A sending thread has panicked.
    pub fn stop(self) -> anyhow::Result<Outcome> {
        self.shared.events.store(0, Ordering::Relaxed);
        self.finish()
    }

    /// Waits until every event was answered 200 or given up.
    ///
    /// # Errors
    /// A sending thread has panicked.
    pub fn finish(self) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        for connection in self.connections {
            let part = connection.join().map_err(|_| anyhow::anyhow!("a sending thread has panicked"))?;
            outcome.merge(part);
        }
        Ok(outcome)
    }
}

impl Shared {
    fn send_until_done(&self) -> Outcome {
        let mut outcome = Outcome::default();
        let mut connection = None;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.events.load(Ordering::Relaxed) {
                return outcome;
            }
            let id = format!("{}-{number}", self.name);
            let body = event::webhook(&id, number);
            let patience = if number.is_multiple_of(GIVEN_UP) { Duration::ZERO } else { PATIENCE };
            if let Some(latency) = self.deliver(&mut connection, &body, patience) {
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
                outcome.latencies.push(latency);
                outcome.acknowledged.insert(id);
            } else {
                outcome.unknown.insert(id);
            }
            thread::sleep(self.pause);
        }
    }

    /// Sends one body until it is answered 200, or until `patience` has run out; how long the last attempt took.
    fn deliver(
        &self,
        connection: &mut Option<Connection>,
        body: &str,
        patience: Duration,
    ) -> Option<Duration> {
        let began = Instant::now();
        loop {
            let attempt = Instant::now();
            if self.attempt(connection, body) {
                return Some(attempt.elapsed());
            }
            if began.elapsed() >= patience {
                return None;
            }
            thread::sleep(PAUSE);
        }
    }

    fn attempt(&self, connection: &mut Option<Connection>, body: &str) -> bool {
        let target = *self.target.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = connection.take().map_or_else(|| Connection::open(target), Ok);
        let Ok(mut open) = opened else { return false };
        let Ok(answer) = open.request("POST", PATH, &[], body.as_bytes()) else { return false };
        // A refusal may come from a daemon that is stopping: the next attempt finds out who listens now.
        if answer.status == 200 {
            *connection = Some(open);
        }
        answer.status == 200
    }
}
