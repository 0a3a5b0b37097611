//! A Rokt Calendar event: bytes in, one Avro record or one dead letter out. Pure.
//!
//! The `.avsc` files under `schemas/` are the mapping from the sender's JSON to the records. They compile into one
//! [`Plan`]; a [`Normaliser`] applies it to one body at a time: repair what the sender is known to get wrong, walk the
//! JSON once, resolve the event's type, project what was found onto the type's record.
//!
//! This crate knows nobody: no clock, no disk, no network, no journal and no sink. Nothing that was sent is lost: what
//! has no field goes to `extra_fields`, and a body that is no event becomes a [`DeadLetter`].

mod attribute;
mod compile;
mod convert;
mod cursor;
mod dead_letter;
mod decode;
mod encode;
mod error;
mod event;
mod extra;
mod fingerprint;
mod harvest;
mod json;
mod kind;
mod meta;
mod names;
mod normaliser;
mod nul;
mod number;
mod order;
mod plan;
mod pointer;
mod project;
mod quirk;
mod record;
mod repair;
mod resolve;
mod source;
mod span;
mod superset;
mod time;
mod trie;
mod unit;
mod value;
mod walk;
mod windows_zones;
mod zone;

pub use dead_letter::{DeadLetter, DeadLetterRow, Reason};
pub use error::CompileError;
pub use event::{Event, Fingerprint, Outcome};
pub use meta::Meta;
pub use normaliser::Normaliser;
pub use nul::without_nul;
pub use plan::Plan;
pub use quirk::{Quirk, QuirkSeen};
pub use record::{Field, Personal, RecordType};
pub use source::Source;
pub use unit::TimeUnit;
pub use value::{Edit, Value};
