//! Standard output, which carries data and nothing else.

use std::{
    borrow::Cow,
    io::{self, ErrorKind, IsTerminal, StdoutLock, Write},
};

use crate::output::exit::{Exit, Failure};

/// Standard output, locked and buffered by lines.
#[derive(Debug)]
pub struct Stdout {
    out: StdoutLock<'static>,
    is_terminal: bool,
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
        let out = io::stdout().lock();
        Self { is_terminal: out.is_terminal(), out }
    }

    /// Writes one line; to a terminal without control characters.
    ///
    /// # Errors
    /// Standard output can't be written, as on a full disk.
    pub fn line(&mut self, line: impl std::fmt::Display) -> Result<Reader, Failure> {
        let written = if self.is_terminal {
            writeln!(self.out, "{}", for_terminal(&line.to_string()))
        } else {
            writeln!(self.out, "{line}")
        };
        self.flush(written)
    }

    /// Writes bytes as they are; to a terminal as text without control characters.
    ///
    /// # Errors
    /// Standard output can't be written, as on a full disk.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<Reader, Failure> {
        let written = if self.is_terminal {
            self.out.write_all(for_terminal(&String::from_utf8_lossy(bytes)).as_bytes())
        } else {
            self.out.write_all(bytes)
        };
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

/// The line without control characters, with which it would take hold of the terminal: for what was written elsewhere.
pub(crate) fn printable(line: &str) -> Cow<'_, str> {
    shown(line, char::is_control)
}

/// The text without the control characters that a terminal would obey, but for ends of lines and tabs.
fn for_terminal(text: &str) -> Cow<'_, str> {
    shown(text, |c| c.is_control() && !matches!(c, '\n' | '\t'))
}

/// The text with these characters as JSON escapes them.
fn shown(text: &str, is_escaped: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let show = |c: char| if is_escaped(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    text.chars().map(show).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::{for_terminal, printable};

    #[test]
    fn control_characters_are_shown_and_not_sent_to_the_terminal() {
        assert_eq!(printable("é \u{1b}]0;x\u{7}\n\u{9b}1m"), "é \\u001b]0;x\\u0007\\u000a\\u009b1m");
        assert_eq!(printable("plain"), "plain");
        assert_eq!(for_terminal("{\n\t\u{1b}c\r}"), "{\n\t\\u001bc\\u000d}");
    }
}
