use std::{collections::VecDeque, sync::Arc, time::Duration};

use kalends_journal::{Appender, Health, ShardLog};
use prometheus::Registry;
use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(5);
/// The change is measured over this many samples: five minutes.
const SAMPLES: usize = 60;

/// `kalends_journal_full_in_seconds`. Clones share the number.
#[derive(Clone)]
pub(crate) struct Gauge(prometheus::Gauge);

impl Gauge {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauge = prometheus::Gauge::new(
            "kalends_journal_full_in_seconds",
            "Time until webhooks are refused for want of room, if it goes on shrinking as in the last five minutes; 0 while they are, +Inf while it does not shrink.",
        )?;
        gauge.set(f64::INFINITY);
        registry.register(Box::new(gauge.clone()))?;
        Ok(Self(gauge))
    }

    /// Seconds until webhooks are refused for want of room; `None` while it does not shrink.
    pub(crate) fn full_in(&self) -> Option<f64> {
        Some(self.0.get()).filter(|seconds| seconds.is_finite())
    }
}

/// Keeps the gauge up to date. Never ends by itself.
pub(crate) async fn watch(log: Arc<dyn ShardLog>, appender: Appender, gauge: Gauge) {
    let mut samples = VecDeque::with_capacity(SAMPLES + 1);
    loop {
        samples.push_back((Instant::now(), log.room()));
        if samples.len() > SAMPLES {
            samples.pop_front();
        }
        let full = appender.health() == Health::Full;
        gauge.0.set(if full { 0.0 } else { full_in(&samples) });
        tokio::time::sleep(EVERY).await;
    }
}

/// Seconds until there is no room, from how much of it, in bytes, there was when.
fn full_in(samples: &VecDeque<(Instant, u64)>) -> f64 {
    let (Some((begin, first)), Some((end, last))) = (samples.front(), samples.back()) else {
        return f64::INFINITY;
    };
    let Some(shrunk) = first.checked_sub(*last).filter(|shrunk| *shrunk > 0) else { return f64::INFINITY };
    let elapsed = end.duration_since(*begin).as_secs_f64();
    float(*last) * elapsed / float(shrunk)
}

/// Exact up to 2^53, and near enough beyond: an estimate of time.
fn float(bytes: u64) -> f64 {
    Duration::from_micros(bytes).as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_told_in_time() {
        let now = Instant::now();
        let samples = |bytes: &[u64]| bytes.iter().zip(0..).map(|(b, s)| (now + s * EVERY, *b)).collect();
        assert!((full_in(&samples(&[1200, 1100, 1000])) - 50.0).abs() < 1e-6);
        assert!(full_in(&samples(&[1000, 1100])).is_infinite());
        assert!(full_in(&samples(&[1000])).is_infinite());
        assert!(full_in(&samples(&[1000, 0])).abs() < f64::EPSILON);
    }
}
