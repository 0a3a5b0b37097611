use std::time::Duration;

/// Latencies of answers, in microseconds.
#[derive(Debug, Default)]
pub(super) struct Latencies(Vec<u32>);

impl Latencies {
    pub(super) fn add(&mut self, latency: Duration) {
        self.0.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The latency that `per_mille` of all answers did not exceed; `None` without answers.
    pub(super) fn quantile(&mut self, per_mille: usize) -> Option<Duration> {
        let last = self.0.len().checked_sub(1)?;
        let rank = (self.0.len().saturating_mul(per_mille)).div_ceil(1000).saturating_sub(1).min(last);
        let (_, value, _) = self.0.select_nth_unstable(rank);
        Some(Duration::from_micros(u64::from(*value)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Latencies;

    #[test]
    fn quantiles_are_those_of_the_nearest_rank() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(500), None);
        for millis in (1..=100).rev() {
            latencies.add(Duration::from_millis(millis));
        }
        for (per_mille, millis) in [(0, 1), (500, 50), (990, 99), (1000, 100)] {
            assert_eq!(latencies.quantile(per_mille), Some(Duration::from_millis(millis)), "{per_mille}");
        }
    }
}
