//! A Rokt Calendar event: bytes in, one Avro record or one dead letter out. Pure.
//!
//! The `.avsc` files under `schemas/` are the mapping from the sender's JSON to the records. They compile into one
//! [`Plan`]; a [`Normaliser`] applies it to one body at a time: repair what the sender is known to get wrong, walk the
//! JSON once, resolve the event's type, project what was found onto the type's record.
//!
//! This crate knows nobody: no clock, no disk, no network, no journal and no sink. Nothing that was sent is lost: what
//! has no field goes to `extra_fields`, and a body that is no event becomes a [`DeadLetter`].

mod avro;
mod dead_letter;
mod event;
mod json;
mod meta;
mod normaliser;
mod plan;
mod project;
mod quirk;
mod time;
mod walk;

pub use avro::{DeadLetterRow, Edit, Value};
pub use dead_letter::{DeadLetter, Reason};
pub use event::{Event, Outcome, without_nul};
pub use json::Fingerprint;
pub use meta::Meta;
pub use normaliser::Normaliser;
pub use plan::{CompileError, Field, Personal, Plan, RecordType, Source};
pub use quirk::{Quirk, QuirkSeen};
pub use time::TimeUnit;
