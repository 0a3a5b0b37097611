//! The transactional producer of one connection.

mod polling;
mod session;

pub(crate) use session::{Interruption, Message, Session, Verdict};
