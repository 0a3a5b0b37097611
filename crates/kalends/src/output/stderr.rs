//! Standard error, which carries what is said to people.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// Says something to the person in front of the terminal; with nobody to read it there is nobody to tell.
pub fn say(text: impl Display) {
    writeln!(io::stderr().lock(), "{text}").ok();
}
