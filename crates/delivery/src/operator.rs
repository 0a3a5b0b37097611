//! What is kept for operators beside the journal: their commands, and which positions were dead letters.

pub(crate) mod command;
pub(crate) mod dead_letter_index;
pub(crate) mod refusal_count;
