//! The writer: gathers appends into groups, makes them durable, and removes what may go.

pub(crate) mod active_segment;
mod batch;
mod retention;
pub(crate) mod segment_file;
pub(crate) mod write_error;
pub(crate) mod writer;
