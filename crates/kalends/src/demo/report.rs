use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use prometheus::Registry;

use super::landed::Landed;
use crate::{
    exit::Failure,
    stdout::{Reader, Stdout},
};

const TESTS: &str = "Test events are never duplicates: each one sent is delivered, so there is one a round.";

/// What is shown in the end.
pub(super) struct Report {
    events: PathBuf,
    rounds: Vec<Landed>,
}

impl Report {
    pub(super) fn new(events: &Path) -> Self {
        Self { events: events.to_owned(), rounds: Vec::new() }
    }

    pub(super) fn add_round(&mut self, landed: Landed) {
        self.rounds.push(landed);
    }

    /// Prints the table, the duplicates and quirks that were counted, and how to look at a file.
    pub(super) fn print(&self, out: &mut Stdout, registry: &Registry) -> Result<(), Failure> {
        let mut lines = self.table();
        lines.extend(counts_in_words(registry));
        lines.extend(self.pointers());
        for line in lines {
            if out.line(line)? == Reader::Gone {
                break;
            }
        }
        Ok(())
    }

    fn table(&self) -> Vec<String> {
        let Some(last) = self.rounds.last() else { return Vec::new() };
        let width =
            |of: fn(&(String, String)) -> &str| last.records.keys().map(|k| of(k).len()).max().unwrap_or(0);
        let (topics, keys) = (width(|(topic, _)| topic), width(|(_, key)| key));
        let row = |topic: &str, key: &str, cells: Vec<String>| {
            let cells: Vec<_> = cells.iter().map(|cell| format!("  {cell:>13}")).collect();
            format!("{topic:topics$}  {key:keys$}{}", cells.concat())
        };
        let rounds = (1..=self.rounds.len()).map(|round| format!("after round {round}")).collect();
        let mut lines = vec!["records in the files:".to_owned(), row("topic", "key", rounds)];
        for at in last.records.keys() {
            let records =
                self.rounds.iter().map(|round| round.records.get(at).copied().unwrap_or(0).to_string());
            lines.push(row(&at.0, &at.1, records.collect()));
        }
        lines.push(String::new());
        lines.push(TESTS.to_owned());
        lines
    }

    fn pointers(&self) -> Vec<String> {
        let example = self.rounds.last().and_then(|round| round.example.clone()).unwrap_or_default();
        // As it was started, so that the line works from here.
        let kalends = std::env::args().next().unwrap_or_else(|| "kalends".to_owned());
        vec![
            String::new(),
            format!("files: {}", self.events.display()),
            format!("to look at one: {kalends} cat {}", example.display()),
        ]
    }
}

fn counts_in_words(registry: &Registry) -> Vec<String> {
    let duplicates: f64 = counts(registry, "kalends_duplicates_total").values().sum();
    let quirks = counts(registry, "kalends_quirks_total");
    let seen = quirks.iter().filter(|(_, count)| **count > 0.0);
    let seen: Vec<_> = seen.map(|(quirk, count)| format!("{quirk} {count}")).collect();
    vec![format!("duplicates dropped: {duplicates}"), format!("quirks mended: {}", seen.join(", "))]
}

/// A counter's values, by the value of its first label.
fn counts(registry: &Registry, name: &str) -> BTreeMap<String, f64> {
    let families = registry.gather();
    let metrics = families
        .iter()
        .filter(|family| family.name() == name)
        .flat_map(prometheus::proto::MetricFamily::get_metric);
    let label = |metric: &prometheus::proto::Metric| {
        metric.get_label().first().map(|label| label.value().to_owned()).unwrap_or_default()
    };
    metrics.map(|metric| (label(metric), metric.get_counter().get_value())).collect()
}
