//! HTTP towards servers that the operator names: a schema registry, a collector of traces, an API that events go to.
//!
//! What is named is where a request goes: no redirect is followed, and no proxy is used. An answer is read up to a bound. No
//! message repeats an address's credentials, a header's value or a private key.

mod address;
mod client;
mod error;
mod exchange;
mod header;
mod resolver;
mod tls;

pub use address::{AddressFault, check_address};
pub use client::{Answer, Client, Settings};
pub use error::{Error, Reach};
pub use exchange::{Reply, Request};
pub use header::{HeaderFault, check_header};
pub use resolver::is_link_local;
pub use tls::{Identity, Tls, TlsFault};
pub use ureq::tls::TlsConfig;
