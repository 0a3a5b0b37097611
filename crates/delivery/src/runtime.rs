//! What every loop runs on: tasks, the clock, the stop signal, one delivery per sink name. Knows no other module.

pub(crate) mod clock;
pub(crate) mod sink_locks;
pub(crate) mod stop;
pub(crate) mod task;
