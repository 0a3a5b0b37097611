//! Carries events from the journal to the sinks.
//!
//! One *scanner* reads each synced receipt once, in order: it normalises, counts, keeps the fingerprints of the
//! duplicate window, and remembers which positions are duplicates. One independent loop per sink reads from the
//! sink's own position, skips duplicates, withholds what the sink may not see, encodes, writes and commits.
//! Sinks at the head share the scanner's work; a sink that lags reads the journal by itself. A slow or dead sink delays nobody else.
//!
//! The invariant: a sink's checkpoint moves only together with the records up to it, and only through positions that
//! the scanner has passed, so that what is a duplicate is a function of the journal alone.

mod ageing;
mod assembly;
mod backoff;
mod basis;
mod board;
mod choice;
mod clock;
mod condemned;
mod condition;
mod course;
mod duplicates;
mod encoder;
mod feed;
mod intake;
mod letters;
mod metrics;
mod order;
mod overview;
mod pending;
pub mod privacy;
mod progress;
mod rebuild;
mod recent;
mod resume;
mod routes;
mod scan;
mod scanner;
mod seats;
mod service;
mod settings;
mod sink_loop;
mod spans;
mod state;
mod status;
mod stop;
mod window;
mod witness;
mod worker;

pub use assembly::{Assembly, PrivacyError};
pub use basis::DeliveryContext;
pub use choice::ReplayFilter;
pub use clock::Clock;
pub use course::{SeekPlan, SeekTarget, noted};
pub use letters::{Noted as NotedDeadLetters, letters};
pub use metrics::Metrics;
pub use order::{Command, CommandFile};
pub use overview::DeliveryHandle;
pub use routes::{Selection, Topics, streams};
pub use seats::SinkLocks;
pub use service::{Delivery, StartError};
pub use settings::{Settings, SinkSettings, Start};
pub use state::SinkState;
pub use status::{IntakeStatus, LastDeadLetter, ScannerStatus, SinkStatus, Status, Stopped};
pub use worker::{Task, Wait};
