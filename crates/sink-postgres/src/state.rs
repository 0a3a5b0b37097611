//! The current state of each subscription: a function of the set of events, whatever order they are applied in and
//! however often.
//!
//! Every part of a state is the greatest of what the events say: of times, or of the times of details. So two states are
//! joined by taking the greater of each part, and PostgreSQL does the same in [`upsert`].

mod delta;
mod id;
mod layout;
mod letter;
mod pending;
mod rebuild;
mod source;
mod times;
mod upsert;
mod views;

pub(crate) use delta::Delta;
use delta::{Details, Version};
pub(crate) use layout::{Layout, TABLE};
pub(crate) use pending::Pending;
pub use rebuild::rebuild;
pub(crate) use source::{Oddities, Source, sources};
pub(crate) use upsert::upsert;
pub(crate) use views::{View, views};
