//! The public listener: authenticate, bound, append to the journal, answer.
