//! The public listener: authenticates a webhook, bounds it, appends it to the journal, and answers.
//!
//! # The path of a request
//!
//! 1. `server` accepts a connection and gives it to `connections::pool`, which makes room for it or refuses it.
//! 2. `connections::connection` speaks TLS, detects HTTP/1 or HTTP/2, and lets hyper read requests. `connections::state` says
//!    what the connection is doing; `connections::registry` evicts the connection that has been idle longest.
//! 3. `service` answers each request: `request::routes`, `auth`, `limits`, `request::body`, the journal, `answer`.
//!
//! A webhook passes through the states of `request::webhook::Webhook`: routed, authentic, and at last stored. Only an authentic
//! webhook gives up its body, so a path that forgets to authenticate does not compile. This crate never reads what a body says:
//! it stores whatever is authentic and within limits, and answers 200 only when [`kalends_journal::Appender::append`] has
//! returned, that is, when the receipt is on disk.
//!
//! Every refusal is a variant of one enum, and `answer::response` alone chooses its status. Memory is bounded: each body
//! reserves its memory from one budget while it grows, whatever its `Content-Length` claims.
//!
//! Dependencies between modules point down: `server`, `connections`, `service`, `request`, then `auth`, `limits` and `answer`.

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
pub use server::{BindError, Control, MAX_ENVELOPE_BYTES, Prepared, Server, settings_faults};
pub use settings::Settings;
pub use tokio_rustls::rustls;
