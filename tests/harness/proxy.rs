//! Stands between a sink and its broker or database, and swallows answers.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Kafka's number of the request that ends a transaction.
const END_TXN: [u8; 2] = 26_i16.to_be_bytes();

/// The end of a transaction as PostgreSQL is told it.
const COMMIT: &[u8] = b"COMMIT\0";

/// Passes requests on until either side ends.
type Requests = fn(TcpStream, TcpStream, &Switches);

/// A proxy on a port of its own. Its threads end with the test binary.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    listener: TcpListener,
    switches: Arc<Switches>,
}

#[derive(Debug, Default)]
struct Switches {
    /// Answers are swallowed.
    mute: AtomicBool,
    /// Answers are swallowed from the next end of a transaction on.
    mute_at_end: AtomicBool,
}

impl Proxy {
    /// Takes a port; connections wait until [`Proxy::serve`].
    ///
    /// # Errors
    /// There is no free port.
    pub fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self { port: listener.local_addr()?.port(), listener, switches: Arc::default() })
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Passes everything on to the broker at this address.
    ///
    /// # Errors
    /// Too many files are open.
    pub fn serve(&self, to: String) -> io::Result<()> {
        self.serve_with(to, requests)
    }

    /// Passes everything on to the PostgreSQL at this address.
    ///
    /// # Errors
    /// Too many files are open.
    pub fn serve_postgres(&self, to: String) -> io::Result<()> {
        self.serve_with(to, statements)
    }

    fn serve_with(&self, to: String, requests: Requests) -> io::Result<()> {
        let (listener, switches) = (self.listener.try_clone()?, Arc::clone(&self.switches));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&to) else { continue };
                let (up, down) = (Arc::clone(&switches), Arc::clone(&switches));
                let (Ok(from), Ok(into)) = (client.try_clone(), server.try_clone()) else { continue };
                thread::spawn(move || requests(from, into, &up));
                thread::spawn(move || answers(server, client, &down));
            }
        });
        Ok(())
    }

    /// Swallows answers from now on.
    pub fn mute(&self) {
        self.switches.mute.store(true, Ordering::SeqCst);
    }

    /// Swallows the answer to the next end of a transaction, and all that follow.
    pub fn mute_at_the_end_of_a_transaction(&self) {
        self.switches.mute_at_end.store(true, Ordering::SeqCst);
    }

    /// Cuts the connections whose answers were swallowed, and lets new ones through.
    pub fn heal(&self) {
        self.switches.mute_at_end.store(false, Ordering::SeqCst);
        self.switches.mute.store(false, Ordering::SeqCst);
    }
}

/// Passes requests on, one by one.
fn requests(mut from: TcpStream, mut into: TcpStream, switches: &Switches) {
    let mut pass = || -> io::Result<()> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let mut request = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX)];
        from.read_exact(&mut request)?;
        if request.starts_with(&END_TXN) && switches.mute_at_end.load(Ordering::SeqCst) {
            switches.mute.store(true, Ordering::SeqCst);
        }
        into.write_all(&length)?;
        into.write_all(&request)
    };
    while pass().is_ok() {}
    into.shutdown(Shutdown::Both).ok();
}

/// Passes statements on, and knows a commit among them.
fn statements(mut from: TcpStream, mut into: TcpStream, switches: &Switches) {
    let mut buffer = [0; 8192];
    let mut pass = || -> io::Result<()> {
        let bytes = from.read(&mut buffer)?;
        let statement =
            buffer.get(..bytes).filter(|bytes| !bytes.is_empty()).ok_or(io::ErrorKind::UnexpectedEof)?;
        let is_commit = statement.windows(COMMIT.len()).any(|part| part == COMMIT);
        if is_commit && switches.mute_at_end.load(Ordering::SeqCst) {
            switches.mute.store(true, Ordering::SeqCst);
        }
        into.write_all(statement)
    };
    while pass().is_ok() {}
    into.shutdown(Shutdown::Both).ok();
}

fn answers(mut from: TcpStream, mut into: TcpStream, switches: &Switches) {
    from.set_read_timeout(Some(Duration::from_millis(20))).ok();
    let (mut buffer, mut swallowed) = ([0; 8192], false);
    loop {
        let is_mute = switches.mute.load(Ordering::SeqCst);
        if swallowed && !is_mute {
            break;
        }
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) if is_mute || switches.mute.load(Ordering::SeqCst) => swallowed = true,
            Ok(bytes) if into.write_all(buffer.get(..bytes).unwrap_or_default()).is_ok() => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            _ => break,
        }
    }
    into.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}
