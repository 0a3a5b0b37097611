//! What a sender is answered, and what the operator is told of it.

pub(crate) mod log_limiter;
pub(crate) mod refusal;
pub(crate) mod refusal_log;
pub(crate) mod request_id;
pub(crate) mod response;
