//! One request: which endpoint it is for, who sent it, its body, and how it is stored.

pub(crate) mod body;
pub(crate) mod client_address;
pub(crate) mod routes;
pub(crate) mod span;
mod trace_context;
pub(crate) mod webhook;
