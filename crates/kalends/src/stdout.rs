//! Standard output, which carries data and nothing else.

use std::io::{self, ErrorKind, StdoutLock, Write};

use crate::exit::{Exit, Failure};

/// Standard output, locked and buffered by lines.
#[derive(Debug)]
pub struct Stdout {
    out: StdoutLock<'static>,
}

/// Whether anybody still reads what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Reader {
    /// Go on.
    Listening,
    /// The reader has left, as `head` does: stop, for that is no error.
    Gone,
}

impl Stdout {
    /// Locks standard output.
    #[must_use]
    pub fn lock() -> Self {
        Self { out: io::stdout().lock() }
    }

    /// Writes one line.
    ///
    /// # Errors
    /// Standard output can't be written, as on a full disk.
    pub fn line(&mut self, line: impl std::fmt::Display) -> Result<Reader, Failure> {
        let written = writeln!(self.out, "{line}");
        self.flush(written)
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// Standard output can't be written, as on a full disk.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<Reader, Failure> {
        let written = self.out.write_all(bytes);
        self.flush(written)
    }

    fn flush(&mut self, written: io::Result<()>) -> Result<Reader, Failure> {
        match written.and_then(|()| self.out.flush()) {
            Ok(()) => Ok(Reader::Listening),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
            Err(error) => Err(Failure::new(Exit::Disk, format!("standard output: {error}"))),
        }
    }
}
