use std::{collections::VecDeque, time::Duration};

use kalends_journal::Log;
use prometheus::Registry;
use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(5);
/// Growth is measured over this many samples: five minutes.
const SAMPLES: usize = 60;

/// `kalends_journal_full_in_seconds`.
pub(crate) struct Gauge(prometheus::Gauge);

impl Gauge {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauge = prometheus::Gauge::new(
            "kalends_journal_full_in_seconds",
            "Time until the journal reaches its largest size, at the growth of the last five minutes; +Inf while it does not grow.",
        )?;
        gauge.set(f64::INFINITY);
        registry.register(Box::new(gauge.clone()))?;
        Ok(Self(gauge))
    }
}

/// Keeps the gauge up to date. Never ends by itself.
pub(crate) async fn watch(log: Log, gauge: Gauge) {
    let mut samples = VecDeque::with_capacity(SAMPLES + 1);
    loop {
        let usage = log.usage();
        samples.push_back((Instant::now(), usage.bytes));
        if samples.len() > SAMPLES {
            samples.pop_front();
        }
        gauge.0.set(full_in(&samples, usage.max_bytes));
        tokio::time::sleep(EVERY).await;
    }
}

fn full_in(samples: &VecDeque<(Instant, u64)>, max_bytes: u64) -> f64 {
    let (Some((begin, first)), Some((end, last))) = (samples.front(), samples.back()) else {
        return f64::INFINITY;
    };
    let Some(grown) = last.checked_sub(*first).filter(|grown| *grown > 0) else { return f64::INFINITY };
    let elapsed = end.duration_since(*begin).as_secs_f64();
    float(max_bytes.saturating_sub(*last)) * elapsed / float(grown)
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
        assert!((full_in(&samples(&[0, 100, 200]), 1200) - 50.0).abs() < 1e-6);
        assert!(full_in(&samples(&[200, 100]), 1000).is_infinite());
        assert!(full_in(&samples(&[200]), 1000).is_infinite());
    }
}
