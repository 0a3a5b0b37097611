//! Parts of a Kafka record beside its datum: framing and headers.

mod framing;
mod headers;

pub(crate) use framing::Framing;
pub use headers::headers;
pub(crate) use headers::{Common, rfc3339};
