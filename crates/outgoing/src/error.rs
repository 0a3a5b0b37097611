use std::io;

use ureq::Timeout;

use crate::resolver::LinkLocal;

/// No answer: nobody is there, or it came too late, was too large, or was no HTTP.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ureq::Error);

/// How far a request without an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// There was no connection, so that the request has not arrived.
    Never,
    /// The server's certificate is not trusted; the request was not sent.
    Untrusted,
    /// The name stands for link-local addresses alone; the request was not sent.
    LinkLocal,
    /// It may have arrived.
    Maybe,
}

impl Error {
    /// How far the request has come.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match &self.0 {
            ureq::Error::Other(error) if error.is::<LinkLocal>() => Reach::LinkLocal,
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Tls(_)
            | ureq::Error::BadUri(_)
            | ureq::Error::Http(_)
            | ureq::Error::TlsRequired => Reach::Never,
            ureq::Error::Io(error) if is_untrusted(error) => Reach::Untrusted,
            ureq::Error::Io(error) if is_before(error) => Reach::Never,
            _ => Reach::Maybe,
        }
    }
}

/// A handshake that fails is an error of the socket, whose words alone tell why.
fn is_untrusted(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData && error.to_string().contains("invalid peer certificate")
}

fn is_before(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
    )
}
