//! The public listener: authenticate, bound, append to the journal, answer.
//!
//! A webhook passes through the states of `request::webhook::Webhook`: routed, authentic, and at last a stored receipt. It gives
//! up its body only when it is authentic, so a path that forgets to authenticate does not compile. What the body says is
//! none of this crate's business: whatever is authentic and within limits is stored, and 200 is sent only when
//! [`kalends_journal::Appender::append`] has returned, that is, when the disk has it.
//!
//! Every refusal is a variant of one enum, and its status is chosen in one place (`answer::response`). Memory is bounded: each
//! body reserves what it takes from one budget as it grows, whatever its `Content-Length` claims.

mod answer;
mod auth;
mod clock;
mod connections;
mod endpoint;
#[cfg(feature = "test-util")]
mod in_memory;
mod limits;
mod metrics;
mod policy;
mod request;
mod server;
mod service;
mod settings;

pub use auth::token::{Token, TokenError};
pub use connections::pool::Ended;
pub use endpoint::Endpoint;
#[cfg(feature = "test-util")]
pub use in_memory::InMemoryListener;
pub use ipnet::IpNet;
pub use limits::rate::Rates;
pub use metrics::{Answers, Metrics};
pub use request::routes::RouteError;
pub use server::{BindError, Control, MAX_ENVELOPE_BYTES, Prepared, Server};
pub use settings::Settings;
pub use tokio_rustls::rustls;
