//! What `/metrics` said.

use std::collections::BTreeSet;

/// One scrape, in Prometheus' text format.
#[derive(Debug, Clone)]
pub struct Metrics {
    text: String,
}

impl Metrics {
    /// Keeps the text of a scrape.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self { text }
    }

    /// The value of one series, written as it stands in the text: `kalends_sink_lag_events{sink="files"}`.
    /// With several labels they are given in the order of their names.
    #[must_use]
    pub fn value(&self, series: &str) -> Option<f64> {
        let mut values = self.text.lines().filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        values.find_map(|value| value.trim().parse().ok())
    }

    /// The names of all metrics, from their `# TYPE` lines.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let types = self.text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        types.filter_map(|rest| rest.split(' ').next()).map(str::to_owned).collect()
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
