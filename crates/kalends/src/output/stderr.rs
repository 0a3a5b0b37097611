//! Standard error, which carries what is said to people.

use std::{
    fmt::Display,
    io::{self, Write},
};

use super::pasteable::pasteable;

/// Says something to the person in front of the terminal; with nobody to read it there is nobody to tell.
pub fn say(text: impl Display) {
    let text = text.to_string();
    writeln!(io::stderr().lock(), "{}", pasteable(&text)).ok();
}
