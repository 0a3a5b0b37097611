use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use prometheus::Registry;
use serde_json::{Number, Value, json};

use super::landed::Landed;
use crate::output::{
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

    /// Prints the same as one JSON object, with where the daemon listens.
    pub(super) fn print_json(
        &self,
        out: &mut Stdout,
        registry: &Registry,
        urls: (&str, &str),
    ) -> Result<(), Failure> {
        let (webhooks, admin) = urls;
        let last = self.rounds.last();
        let quirks = quirks(registry).into_iter().map(|(quirk, count)| (quirk, whole(count)));
        let object = json!({
            "records": last.map(|last| last.records.keys().map(|at| self.row(at)).collect::<Vec<_>>()),
            "duplicates": whole(duplicates(registry)),
            "quirks": quirks.collect::<BTreeMap<_, _>>(),
            "directory": self.events,
            "files": last.map(|last| last.files),
            "example": last.and_then(|last| last.example.as_ref()),
            "webhooks": webhooks,
            "admin": admin,
        });
        out.line(object).map(drop)
    }

    fn row(&self, at: &(String, String)) -> Value {
        json!({ "topic": at.0, "key": at.1, "after_round": self.counts(at) })
    }

    /// How many records had landed there after each round.
    fn counts(&self, at: &(String, String)) -> Vec<usize> {
        self.rounds.iter().map(|round| round.records.get(at).copied().unwrap_or(0)).collect()
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
            let records = self.counts(at).iter().map(ToString::to_string).collect();
            lines.push(row(&at.0, &at.1, records));
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
    let seen: Vec<_> =
        quirks(registry).into_iter().map(|(quirk, count)| format!("{quirk} {count}")).collect();
    vec![
        format!("duplicates dropped: {}", duplicates(registry)),
        format!("quirks repaired: {}", seen.join(", ")),
    ]
}

fn duplicates(registry: &Registry) -> f64 {
    counts(registry, "kalends_duplicates_total").values().sum()
}

/// Those that were met.
fn quirks(registry: &Registry) -> BTreeMap<String, f64> {
    let mut quirks = counts(registry, "kalends_quirks_total");
    quirks.retain(|_, count| *count > 0.0);
    quirks
}

/// A count as a whole number.
fn whole(count: f64) -> Option<Number> {
    count.to_string().parse().ok()
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
