use std::time::Duration;

use crate::figures::of;

/// The answers to a load.
#[derive(Debug)]
pub(crate) struct Answers {
    /// How long each took, shortest first.
    latencies: Vec<Duration>,
    /// From the first request to the last answer.
    pub(crate) time: Duration,
}

impl Answers {
    pub(crate) fn new(mut latencies: Vec<Duration>, time: Duration) -> Self {
        latencies.sort_unstable();
        Self { latencies, time }
    }

    pub(crate) fn count(&self) -> f64 {
        of(self.latencies.len())
    }

    /// What so many of a thousand answers didn't take longer than, in milliseconds.
    pub(crate) fn percentile(&self, of_thousand: usize) -> f64 {
        let rank = (self.latencies.len() * of_thousand).div_ceil(1000).saturating_sub(1);
        self.latencies.get(rank).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }
}
