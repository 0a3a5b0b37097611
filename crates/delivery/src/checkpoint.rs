//! Where each sink is, where it goes on, and what the journal may therefore forget.

pub(crate) mod checkpoint_note;
pub(crate) mod hold;
pub(crate) mod progress;
pub(crate) mod put_back;
pub(crate) mod received;
pub(crate) mod rehearsal;
pub(crate) mod resume;
pub(crate) mod retention_clock;
pub(crate) mod seek;
pub(crate) mod skip;
