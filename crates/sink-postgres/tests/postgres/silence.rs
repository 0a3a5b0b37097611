//! A proxy whose connections fall silent, or die, on demand.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use kalends_sink::conformance::Silence;

/// The end of a transaction, as the server is told it.
const COMMIT: &[u8] = b"COMMIT\0";

#[derive(Default)]
struct Switches {
    silent: AtomicBool,
    silent_at_commit: AtomicBool,
}

/// A proxy in front of a server.
pub(crate) struct Muted {
    pub(crate) port: u16,
    switches: Arc<Switches>,
}

impl Muted {
    pub(crate) fn new(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let switches = Arc::new(Switches::default());
        let seen = Arc::clone(&switches);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)) else { continue };
                let (up, down) = (Arc::clone(&seen), Arc::clone(&seen));
                let (from, into) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || pass(from, into, |bytes| statement(&up, bytes)));
                thread::spawn(move || pass(server, client, |_| !down.silent.load(Ordering::SeqCst)));
            }
        });
        Self { port, switches }
    }

    pub(crate) fn silence(&self, silence: Silence) {
        let switch = match silence {
            Silence::Now => &self.switches.silent,
            Silence::InCommit => &self.switches.silent_at_commit,
        };
        switch.store(true, Ordering::SeqCst);
    }

    pub(crate) fn heal(&self) {
        self.switches.silent_at_commit.store(false, Ordering::SeqCst);
        self.switches.silent.store(false, Ordering::SeqCst);
    }
}

/// What the client sends always passes: a server that nobody hears may still commit.
fn statement(switches: &Switches, bytes: &[u8]) -> bool {
    if switches.silent_at_commit.load(Ordering::SeqCst)
        && bytes.windows(COMMIT.len()).any(|part| part == COMMIT)
    {
        switches.silent.store(true, Ordering::SeqCst);
    }
    true
}

/// Passes bytes on where `passes` says so; ends when either side does.
fn pass(mut from: TcpStream, mut into: TcpStream, passes: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 8192];
    let mut step = || -> io::Result<()> {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if passes(&buffer[..count]) { into.write_all(&buffer[..count]) } else { Ok(()) }
    };
    while step().is_ok() {}
    drop(into.shutdown(Shutdown::Both));
    drop(from.shutdown(Shutdown::Both));
}
