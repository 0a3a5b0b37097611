//! `kalends cat`: Avro files as JSON lines.

mod json;
mod recursion;

use std::{
    fs::File,
    io::{BufReader, ErrorKind},
    path::Path,
};

use apache_avro::Reader;

use crate::{
    cli::CatArgs,
    output::{
        exit::{Exit, Failure},
        stdout::{Reader as Listener, Stdout},
    },
};

/// Prints each record of each file as one line of JSON: no union wrappers, instants as RFC 3339, bytes as text where they are
/// UTF-8 and else as `{"base64": …}`.
///
/// # Errors
/// A file that can't be opened (74) or is no sound Avro file (65); records before the damage are printed.
pub fn cat(args: &CatArgs) -> Result<(), Failure> {
    let mut out = Stdout::lock();
    for path in &args.files {
        if print(path, &mut out)? == Listener::Gone {
            break;
        }
    }
    Ok(())
}

fn print(path: &Path, out: &mut Stdout) -> Result<Listener, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    if path.is_dir() {
        return Err(Failure::file(path, &ErrorKind::IsADirectory.into()));
    }
    let damaged = |record: u64, error: &dyn std::fmt::Display| {
        let place = if record == 0 { "its header".into() } else { format!("record {record}") };
        let way_out = match record {
            0 => "; name an Avro object container file, as sinks of kind files make them",
            _ => "; what stands before it is printed",
        };
        Failure::new(
            Exit::Data,
            format!("{}: {place} can't be read as Avro: {error}{way_out}", path.display()),
        )
    };
    let reader = Reader::new(BufReader::new(file)).map_err(|error| damaged(0, &error))?;
    if let Some(name) = recursion::find(reader.writer_schema()) {
        let message =
            format!("{}: its schema's type {name} contains itself, which cat doesn't read", path.display());
        return Err(Failure::new(Exit::Data, message));
    }
    for (number, record) in (1..).zip(reader) {
        let record = record.map_err(|error| damaged(number, &error))?;
        let line = serde_json::to_string(&json::Plain(&record)).map_err(|error| damaged(number, &error))?;
        if out.line(line)? == Listener::Gone {
            return Ok(Listener::Gone);
        }
    }
    Ok(Listener::Listening)
}
