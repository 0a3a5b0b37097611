//! The daemon that is attacked, and what has to hold of it whatever is sent.

use std::{
    io::{self, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpStream},
};

use kalends_tests::{
    Daemon, Installation, config,
    load::{Load, Outcome},
    memory,
    wait::PATIENCE,
    wait_until,
};

/// Most memory that the daemon may ever take.
const MOST_BYTES: u64 = 256 << 20;

/// Path of an endpoint with a credential.
pub(crate) const GUARDED: &str = "/webhooks/guarded";

/// A daemon, and a sender that behaves and doesn't notice the others.
pub(crate) struct Target {
    pub(crate) daemon: Daemon,
    installation: Installation,
    load: Load,
}

impl Target {
    /// Starts both. `limits` are keys of `listen` beside the address.
    pub(crate) fn start(limits: &str, events: u64) -> Self {
        let listen = format!("listen: {{ address: 127.0.0.1:0, {limits} }}");
        let guarded = format!(
            "  main: {{ path: {} }}\n  guarded: {{ path: {GUARDED}, tokens: [{{ env: TOKEN }}] }}",
            config::PATH
        );
        let configuration = config::files()
            .replace("listen: { address: 127.0.0.1:0 }", &listen)
            .replace("  main: { path: /webhooks/rokt }", &guarded);
        let installation = Installation::new(&configuration).unwrap();
        let daemon = installation.start_under("export TOKEN=a-long-enough-token-0123456789").unwrap();
        let load = Load::start("good", daemon.public(), 2, events);
        Self { daemon, installation, load }
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> Attacker {
        let stream = TcpStream::connect(self.daemon.public()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Attacker(BufReader::new(stream))
    }

    /// So many new connections.
    pub(crate) fn connections(&self, count: usize) -> Vec<Attacker> {
        (0..count).map(|_| self.connect()).collect()
    }

    /// Waits until a metric is at least so large.
    pub(crate) fn wait_for(&self, metric: &str, least: f64) {
        wait_until(&format!("{metric} to be {least}"), PATIENCE, || {
            let value = self.daemon.metrics()?.value(metric);
            anyhow::ensure!(value.is_some_and(|value| value >= least), "it is {value:?}");
            Ok(Some(()))
        })
        .unwrap();
    }

    /// The good sender was answered 200 at its first try every time, everything it sent is delivered, and memory was bounded.
    pub(crate) fn assert_unharmed(self) {
        let Self { daemon, installation, load } = self;
        let Outcome { acknowledged, unknown, .. } = load.finish().unwrap();
        assert!(unknown.is_empty(), "refused though they behaved: {unknown:?}");
        daemon.wait_until_delivered(&["files"]).unwrap();
        let records = installation.records().unwrap();
        let delivered =
            records.iter().filter(|r| r.text("event_id").is_some_and(|id| acknowledged.contains(id)));
        assert_eq!(delivered.count(), acknowledged.len(), "each once");
        let peak = memory::peak_bytes(daemon.pid()).unwrap();
        println!("at most {} MiB", peak >> 20);
        assert!(peak <= MOST_BYTES, "{peak} bytes");
        assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    }
}

/// One connection of somebody who doesn't behave. What breaks it is the daemon's right.
pub(crate) struct Attacker(BufReader<TcpStream>);

impl Attacker {
    /// Sends as much as the other side takes.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.get_mut().write_all(bytes.as_ref())
    }

    /// Sends no more, and goes on listening.
    pub(crate) fn close_sending_half(&self) {
        self.0.get_ref().shutdown(Shutdown::Write).unwrap();
    }

    /// Everything that is answered until the connection ends.
    pub(crate) fn read_to_end(&mut self) -> String {
        let mut said = Vec::new();
        // A reset takes nothing away from what was read before.
        self.0.read_to_end(&mut said).ok();
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Reads so many answers, each of them 401, or 429 beyond the rate for strangers.
    pub(crate) fn expect_unauthorised(&mut self, answers: usize) {
        for _ in 0..answers {
            let head = self.read_head();
            assert!(["HTTP/1.1 401", "HTTP/1.1 429"].iter().any(|s| head.starts_with(s)), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.unwrap().parse().unwrap()];
            self.0.read_exact(&mut body).unwrap();
        }
    }

    /// What is answered, up to the end of one head.
    pub(crate) fn read_head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && self.0.read(&mut byte).is_ok_and(|read| read == 1) {
            head.extend_from_slice(&byte);
        }
        String::from_utf8_lossy(&head).into_owned()
    }
}

/// A request's bytes, its body framed by `Content-Length`.
pub(crate) fn request(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
