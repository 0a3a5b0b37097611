//! A proxy that knows where a statement begins and ends, and cuts the connection there.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// What happens to the first connection.
#[derive(Clone)]
pub(crate) enum Fault {
    /// The statement with this number, counted from 1, does not reach the server.
    Before(usize),
    /// The answer to the statement with this number does not reach the client.
    After(usize),
    /// From the statement with this number on, nothing reaches anybody, and nobody is told.
    Silence(usize),
    /// Before the statement with this number reaches the server, this is done.
    Do(usize, Arc<dyn Fn() + Send + Sync>),
}

impl Fault {
    fn at(&self) -> usize {
        match self {
            Self::Before(at) | Self::After(at) | Self::Silence(at) | Self::Do(at, _) => *at,
        }
    }
}

/// A proxy whose first connection suffers a fault; later ones do not.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// How many statements have come by.
    pub(crate) statements: Arc<AtomicUsize>,
    struck: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn new(upstream: u16, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (statements, struck) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, seen) = (Arc::clone(&statements), Arc::clone(&struck));
        thread::spawn(move || {
            let mut fault = Some(fault);
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)) else { continue };
                let link =
                    Link { fault: fault.take(), counted: Arc::clone(&counted), struck: Arc::clone(&seen) };
                link.run(&client, &server);
            }
        });
        Self { port, statements, struck }
    }

    /// Whether the fault has happened.
    pub(crate) fn struck(&self) -> bool {
        self.struck.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct Link {
    fault: Option<Fault>,
    counted: Arc<AtomicUsize>,
    struck: Arc<AtomicBool>,
}

impl Link {
    fn run(self, client: &TcpStream, server: &TcpStream) {
        let ends = || (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (to_server, to_client) = (self.clone(), self);
        let (a, b) = (ends(), ends());
        thread::spawn(move || finish(&a, to_server.forth(&a.0, &a.1)));
        thread::spawn(move || finish(&b, to_client.back(&b.1, &b.0)));
    }

    /// From client to server, message by message; the first has no type.
    fn forth(&self, mut client: &TcpStream, mut server: &TcpStream) -> io::Result<()> {
        server.write_all(&message(&mut client, false)?)?;
        for number in 0.. {
            // Until a statement's end: a simple query, or the Sync behind an extended one.
            let mut statement = Vec::new();
            loop {
                let next = message(&mut client, true)?;
                let ends = matches!(next[0], b'Q' | b'S' | b'X');
                statement.extend(next);
                if ends {
                    break;
                }
            }
            self.counted.fetch_add(1, Ordering::SeqCst);
            match &self.fault {
                Some(Fault::Before(at)) if *at == number + 1 => return self.strike(),
                Some(Fault::Silence(at)) if number + 1 >= *at => {
                    self.struck.store(true, Ordering::SeqCst);
                    continue;
                }
                Some(Fault::Do(at, action)) if *at == number + 1 => {
                    self.struck.store(true, Ordering::SeqCst);
                    action();
                }
                _ => {}
            }
            server.write_all(&statement)?;
        }
        Ok(())
    }

    /// From server to client, up to each readiness for the next statement.
    fn back(&self, mut server: &TcpStream, mut client: &TcpStream) -> io::Result<()> {
        for number in 0.. {
            let mut answer = Vec::new();
            loop {
                let next = message(&mut server, true)?;
                let ends = next[0] == b'Z';
                answer.extend(next);
                if ends {
                    break;
                }
            }
            // The first readiness follows the log-in.
            match &self.fault {
                Some(Fault::After(at)) if *at == number => return self.strike(),
                Some(Fault::Silence(_)) if self.struck.load(Ordering::SeqCst) => {}
                _ => client.write_all(&answer)?,
            }
        }
        Ok(())
    }

    fn strike(&self) -> io::Result<()> {
        debug_assert!(self.fault.as_ref().is_some_and(|fault| fault.at() > 0));
        self.struck.store(true, Ordering::SeqCst);
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

fn finish(ends: &(TcpStream, TcpStream), _: io::Result<()>) {
    drop(ends.0.shutdown(Shutdown::Both));
    drop(ends.1.shutdown(Shutdown::Both));
}

fn message(from: &mut impl Read, has_type: bool) -> io::Result<Vec<u8>> {
    let head = if has_type { 5 } else { 4 };
    let mut bytes = vec![0; head];
    from.read_exact(&mut bytes)?;
    let length = u32::from_be_bytes(bytes[head - 4..].try_into().unwrap());
    bytes.resize(head - 4 + usize::try_from(length).unwrap(), 0);
    from.read_exact(&mut bytes[head..])?;
    Ok(bytes)
}
