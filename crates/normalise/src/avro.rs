//! Values and their Avro datums, both ways.

mod dead_letter_row;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod to_json;
mod value;

pub use dead_letter_row::DeadLetterRow;
pub use value::{Edit, Value};
