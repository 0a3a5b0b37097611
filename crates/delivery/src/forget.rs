//! People who are forgotten: their values leave the journal no more, though their events do.
//!
//! A list beside the journal has keyed hashes of addresses and identifiers. Whatever gives records to a sink compares each event with the
//! list right before it encodes the event, and drops every personal value where they agree.

mod list;
mod mentions;
mod people;
mod watch;

pub use list::{ForgetList, ListError, Listed};
pub use people::{ForgottenPeople, Person};
pub use watch::{ForgetNews, ForgetWatch, used_forget_list};
