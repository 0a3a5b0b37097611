//! Answers to senders, and the log of refusals.

pub(crate) mod log_limiter;
pub(crate) mod refusal;
pub(crate) mod refusal_log;
pub(crate) mod request_id;
pub(crate) mod response;
