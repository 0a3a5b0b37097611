//! The transactional producer of one connection.

mod polling;
mod session;
mod verdict;

pub(crate) use session::{Message, Session};
pub(crate) use verdict::{Interruption, Verdict};
