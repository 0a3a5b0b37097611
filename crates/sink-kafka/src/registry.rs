//! The schema registry: which id stands before a datum, and whether the registry would take a schema at all.
//!
//! Speaks the API of Confluent's registry, as Apicurio, Karapace and Redpanda do too.
//!
//! # What may stop delivery
//!
//! Each connect asks the registry for the id of every schema of the sink, before the first record. An id that was
//! once learnt is kept on disk. What the registry says then decides:
//!
//! | the registry | id is kept | id is not kept |
//! |---|---|---|
//! | has the schema under this id | go on | go on, and keep it |
//! | has it under another id, or the id is another schema's | hold: it was rebuilt | |
//! | doesn't have the schema | go on while the id still means it, else hold | register it if allowed, else hold |
//! | doesn't answer, refuses the credentials, … | go on | hold |

mod check;
mod client;
mod error;
mod finding;
mod ids;
mod known;
mod metrics;
mod reader;
mod settings;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod tests;
mod transport;

pub use check::check;
pub use error::Error;
pub use finding::{inspect, register};
pub use kalends_sink::{Finding, Standing};
pub use settings::{Credentials, Settings, SettingsError, SubjectNameStrategy};

pub(crate) use ids::ids;
pub(crate) use metrics::{Metrics, SinkMetrics};
