//! JSON (RFC 8259) as text: repair, lexemes, numbers, pointers, and the fingerprint of its content.

pub(crate) mod cursor;
pub(crate) mod fingerprint;
pub(crate) mod number;
pub(crate) mod pointer;
pub(crate) mod repair;
pub(crate) mod span;

pub use fingerprint::Fingerprint;
