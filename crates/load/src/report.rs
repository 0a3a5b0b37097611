use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::latencies::Latencies;

/// Latencies that are told, in thousandths of all answers.
const QUANTILES: [(&str, usize); 5] =
    [("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999), ("max", 1000)];

/// The outcome of a load.
#[derive(Debug, Default)]
pub struct Report {
    /// Posts by what came back: a status code, or why nothing did.
    answers: BTreeMap<String, u64>,
    latencies: Latencies,
    acknowledged: u64,
    elapsed: Duration,
}

impl Report {
    /// Counts one post; `latency` is that of an answer, whatever its status.
    pub(super) fn count(&mut self, answer: String, latency: Option<Duration>) {
        *self.answers.entry(answer).or_default() += 1;
        if let Some(latency) = latency {
            self.latencies.add(latency);
        }
    }

    /// Counts one event that was answered 2xx.
    pub(super) fn acknowledge(&mut self) {
        self.acknowledged += 1;
    }

    /// Likely fault, by the answers; nothing where they show none.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        let came = |answer: &str| self.answers.keys().any(|known| known.starts_with(answer));
        [
            ("401", "give the endpoint's token with --token or KALENDS_SEND_TOKEN"),
            ("403", "this machine's address is not among the endpoint's `allow`"),
            ("404", "no endpoint has this path: check --url"),
            ("can't connect", "is kalends running there, and is --url its public listener?"),
            ("connection lost", "does it speak plain HTTP there?"),
        ]
        .into_iter()
        .find_map(|(answer, way_out)| came(answer).then_some(way_out))
        .unwrap_or("the sender would post them again, as --retry does")
    }

    /// Number of events that were answered 2xx.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Adds what another connection counted.
    pub(super) fn extend(&mut self, other: Self) {
        for (answer, count) in other.answers {
            *self.answers.entry(answer).or_default() += count;
        }
        self.latencies.extend(other.latencies);
        self.acknowledged += other.acknowledged;
    }

    /// Duration of the whole load.
    pub(super) fn took(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }

    /// The report for people, line by line.
    pub fn lines(&mut self) -> Vec<String> {
        let seconds = self.elapsed.as_secs_f64();
        let posts: u64 = self.answers.values().sum();
        let mut lines = vec![format!("acknowledged {}", self.acknowledged)];
        lines.extend(self.answers.iter().map(|(answer, count)| format!("answer {answer}: {count}")));
        lines.push(format!("took {seconds:.3} s, {:.0} posts a second", per_second(posts, seconds)));
        let quantiles: Vec<String> =
            self.quantiles().iter().map(|(name, millis)| format!("{name} {millis:.1} ms")).collect();
        if !quantiles.is_empty() {
            lines.push(format!("latency {}", quantiles.join(", ")));
        }
        lines
    }

    /// The report for programs; latencies in milliseconds.
    pub fn json(&mut self) -> Value {
        let seconds = self.elapsed.as_secs_f64();
        let posts: u64 = self.answers.values().sum();
        let latencies: serde_json::Map<_, _> = self
            .quantiles()
            .into_iter()
            .map(|(name, millis)| (name.replace('.', "_"), millis.into()))
            .collect();
        json!({
            "acknowledged": self.acknowledged, "posts": posts, "answers": self.answers, "seconds": seconds,
            "posts_per_second": per_second(posts, seconds), "latency_ms": latencies,
        })
    }

    /// In milliseconds; none without answers.
    fn quantiles(&mut self) -> Vec<(&'static str, f64)> {
        let quantile = |(name, per_mille): (&'static str, usize)| {
            let micros = u32::try_from(self.latencies.quantile(per_mille)?.as_micros()).ok()?;
            Some((name, f64::from(micros) / 1000.0))
        };
        QUANTILES.into_iter().filter_map(quantile).collect()
    }
}

fn per_second(posts: u64, seconds: f64) -> f64 {
    // Exact up to 2^32 posts, which is more than anybody waits for.
    f64::from(u32::try_from(posts).unwrap_or(u32::MAX)) / seconds.max(f64::EPSILON)
}
