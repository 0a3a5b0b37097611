//! Carries events from the journal to the sinks: one scanner, and one independent loop per sink.
