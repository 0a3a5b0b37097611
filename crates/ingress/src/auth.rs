//! Tokens, and the places of a request where a sender shows one.

pub(crate) mod credential;
pub(crate) mod token;
