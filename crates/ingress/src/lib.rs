//! The public listener: authenticate, bound, append to the journal, answer.
//!
//! A webhook passes through the states of `webhook::Webhook`: routed, authentic, and at last a stored receipt. It gives
//! up its body only when it is authentic, so a path that forgets to authenticate does not compile. What the body says is
//! none of this crate's business: whatever is authentic and within limits is stored, and 200 is sent only when
//! [`kalends_journal::Appender::append`] has returned, that is, when the disk has it.
//!
//! Every refusal is a variant of one enum, and its status is chosen in one place (`response`). Memory is bounded: each
//! body reserves what it takes from one budget as it grows, whatever its `Content-Length` claims.

mod begun;
mod body;
mod budget;
mod clock;
mod connection;
mod credential;
mod endpoint;
mod metrics;
mod open;
mod patience;
#[cfg(feature = "test-util")]
mod piped;
mod policy;
mod rate;
mod refusal;
mod refusal_log;
mod request_id;
mod request_span;
mod response;
mod routes;
mod seats;
mod sender;
mod server;
mod service;
mod settings;
mod socket;
mod stream;
mod throttle;
mod token;
mod trace_context;
mod turn_away;
mod webhook;

pub use endpoint::Endpoint;
pub use ipnet::IpNet;
pub use metrics::{Answers, Metrics};
pub use open::Ended;
#[cfg(feature = "test-util")]
pub use piped::InMemoryListener;
pub use rate::Rates;
pub use routes::RouteError;
pub use server::{BindError, Control, Server};
pub use settings::Settings;
pub use token::{Token, TokenError};
pub use tokio_rustls::rustls;
