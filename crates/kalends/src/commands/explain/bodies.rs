use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use crate::output::exit::{Exit, Failure};

/// A body and where it was read.
#[derive(Debug)]
pub(super) struct Body {
    /// The file's name, and the line's number where lines are bodies.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The bodies in a file, read one at a time.
pub(super) struct Bodies {
    input: Box<dyn BufRead>,
    file: String,
    /// The number of the line read last, where each line is a body.
    line: Option<u64>,
    at_end: bool,
}

/// Opens the file at `path`, or standard input for `-`; with `lines`, each line that is not blank is a body.
///
/// # Errors
/// The file can't be opened (74).
pub(super) fn open(path: &Path, lines: bool) -> Result<Bodies, Failure> {
    let (input, file): (Box<dyn BufRead>, _) = if path == Path::new("-") {
        (Box::new(io::stdin().lock()), "standard input".to_owned())
    } else {
        let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
        (Box::new(BufReader::new(file)), path.display().to_string())
    };
    Ok(Bodies { input, file, line: lines.then_some(0), at_end: false })
}

impl Bodies {
    /// The next body, if there is one.
    ///
    /// # Errors
    /// It can't be read (74).
    pub(super) fn next(&mut self) -> Result<Option<Body>, Failure> {
        let read = match self.line {
            Some(_) => self.next_line(),
            None => self.whole(),
        };
        read.map_err(|error| Failure::new(Exit::Disk, format!("{}: {error}", self.file)))
    }

    fn whole(&mut self) -> io::Result<Option<Body>> {
        if std::mem::replace(&mut self.at_end, true) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.input.read_to_end(&mut bytes)?;
        Ok(Some(Body { name: self.file.clone(), bytes }))
    }

    fn next_line(&mut self) -> io::Result<Option<Body>> {
        let mut bytes = Vec::new();
        while self.input.read_until(b'\n', &mut bytes)? > 0 {
            let number = self.line.get_or_insert_default();
            *number += 1;
            if !bytes.trim_ascii().is_empty() {
                bytes.truncate(bytes.trim_ascii_end().len());
                return Ok(Some(Body { name: format!("{}:{number}", self.file), bytes }));
            }
            bytes.clear();
        }
        Ok(None)
    }
}
